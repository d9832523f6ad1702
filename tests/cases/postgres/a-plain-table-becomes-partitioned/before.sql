CREATE TABLE ev (id int NOT NULL, at date NOT NULL, v text, PRIMARY KEY (id, at));
CREATE INDEX ev_v ON ev (v);
CREATE VIEW last_ev AS SELECT max(at) AS at FROM ev;
INSERT INTO ev VALUES (1, '2020-05-05', 'x'), (2, '2021-05-05', 'y');
