-- What only MariaDB has.
CREATE SEQUENCE ticket START WITH 100 INCREMENT BY 7 MAXVALUE 100000 CYCLE;
CREATE TABLE only_here (
  id int PRIMARY KEY,
  hidden int INVISIBLE DEFAULT 7,
  v varchar(40) DEFAULT (uuid()),
  uid uuid,
  ip inet6
);
INSERT INTO only_here (id, hidden, v, uid, ip) VALUES
  (1, 9, 'one', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1'), (2, 7, 'zwei ü', NULL, NULL);
SELECT NEXTVAL(ticket);
