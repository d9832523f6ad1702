CREATE TABLE users (id integer NOT NULL PRIMARY KEY, email varchar(80) NOT NULL, age integer);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE notes (id integer NOT NULL PRIMARY KEY, user_id integer NOT NULL, body varchar(200), CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id));
