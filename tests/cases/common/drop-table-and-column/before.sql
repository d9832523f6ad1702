CREATE TABLE users (id integer NOT NULL PRIMARY KEY, email varchar(80) NOT NULL, legacy varchar(40) NOT NULL);
INSERT INTO users VALUES (1, 'ann@example.org', 'keep me'), (2, 'bob@example.org', '007');
CREATE TABLE old_stuff (id integer NOT NULL PRIMARY KEY, user_id integer NOT NULL, CONSTRAINT old_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO old_stuff VALUES (10, 1), (11, 2);
