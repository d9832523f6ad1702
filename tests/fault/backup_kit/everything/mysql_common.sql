-- Everything that MySQL and MariaDB have in common.
CREATE TABLE person (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(80) NOT NULL COMMENT 'a comment; with ''quotes'' and 😀',
  `e mail` varchar(120) CHARACTER SET latin1 UNIQUE,
  feeling enum('sad', 'ok', 'happy; ''very''') DEFAULT 'ok',
  colours set('red', 'green', 'a b'),
  amount decimal(30, 10),
  gross decimal(32, 10) GENERATED ALWAYS AS (amount * 1.19) STORED,
  shout varchar(80) GENERATED ALWAYS AS (upper(name)) VIRTUAL,
  born date,
  y year,
  t time(6),
  at timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  local_at datetime(3),
  doc json,
  flags bit(9),
  tiny tinyint,
  small smallint unsigned,
  medium mediumint,
  f8 double,
  photo varbinary(300),
  pic longblob,
  words longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  place point,
  fixed binary(4),
  KEY by_amount (amount DESC, `e mail`(10)),
  FULLTEXT KEY by_words (words),
  CONSTRAINT named CHECK (name <> 'a ; inside')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 AUTO_INCREMENT = 100;
CREATE TABLE `weird "name" é %s `` [x]` (`select` int, `a'b` varchar(20), `таблица` varchar(20) DEFAULT 'ü');
CREATE TABLE empty_table (id int PRIMARY KEY, v varchar(10));
CREATE TABLE no_key (v varchar(10));
CREATE TABLE chicken (id int PRIMARY KEY, egg_id int);
CREATE TABLE egg (
  id int PRIMARY KEY, chicken_id int NOT NULL,
  CONSTRAINT egg_chicken FOREIGN KEY (chicken_id) REFERENCES chicken (id) ON DELETE CASCADE
);
ALTER TABLE chicken ADD CONSTRAINT chicken_egg FOREIGN KEY (egg_id) REFERENCES egg (id);
CREATE TABLE tree (
  id int PRIMARY KEY, parent_id int, CONSTRAINT tree_parent FOREIGN KEY (parent_id) REFERENCES tree (id)
);
CREATE TABLE huge (id int PRIMARY KEY, data longblob, words longtext);
CREATE TABLE part (id int NOT NULL, day date NOT NULL, v varchar(20), PRIMARY KEY (id, day))
  PARTITION BY RANGE (year(day)) (
    PARTITION old VALUES LESS THAN (2025), PARTITION new VALUES LESS THAN MAXVALUE);
CREATE TABLE history (what varchar(200));
CREATE VIEW people AS SELECT id, name, feeling FROM person WHERE name <> 'it''s';
CREATE VIEW people_of_people AS SELECT count(*) AS n FROM people;
CREATE VIEW a_first AS SELECT n FROM people_of_people;
DELIMITER //
CREATE FUNCTION add_tax(amount decimal(20, 4)) RETURNS decimal(20, 4) DETERMINISTIC NO SQL
BEGIN
  RETURN amount * 1.19;
END//
CREATE PROCEDURE note(IN v varchar(200))
BEGIN
  INSERT INTO history VALUES (v);
END//
CREATE TRIGGER person_history AFTER UPDATE ON person FOR EACH ROW
BEGIN
  INSERT INTO history VALUES (concat('a ; in ''text'' of ', old.name));
END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 00:00:00' DISABLE COMMENT 'it''s' DO
BEGIN
  DELETE FROM history;
END//
DELIMITER ;
INSERT INTO person (id, name, `e mail`, feeling, colours, amount, born, y, t, at, local_at, doc, flags, tiny, small, medium,
    f8, photo, pic, words, place, fixed) VALUES
  (1, 'O''Hara; DROP TABLE person; --', 'a@example.com', 'happy; ''very''', 'red,a b', 12345678901234567890.0123456789,
    '9999-12-31', 2155, '-838:59:59', '2026-03-29 02:30:00.123456', '1000-01-01 00:00:00.001', '{"a": [1, null, "😀"]}',
    b'101010101', -128, 65535, -8388608, 0.30000000000000004, x'00ff0a0d1a5c27', x'00', '😀 ü 汉字', ST_GeomFromText('POINT(1.5 -2)'),
    x'00000001'),
  (2, '😀 ü 汉字 \n\r\t\0\\N \\ \Z', 'b@example.com', 'sad', '', -0.5, NULL, 1901, '00:00:00.000001', NULL, NULL, 'null', b'0', 127, 0,
    8388607, -1.7976931348623157e308, '', '', '', NULL, x'ffff'),
  (40, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (41, 'line one
USE production;
-- Dump completed', 'c@example.com', 'ok', 'green', 3, '2000-02-29', NULL, NULL, NULL, NULL, '[]', NULL, 0, 1, 0, 5e-300, NULL, NULL,
    'DELIMITER //', NULL, NULL);
DELETE FROM person WHERE id = 40;
UPDATE person SET small = 1 WHERE id = 2;
INSERT INTO `weird "name" é %s `` [x]` VALUES (1, 'it''s', 'да'), (NULL, NULL, '%d');
INSERT INTO no_key VALUES ('same'), ('same'), (NULL);
INSERT INTO chicken VALUES (1, NULL), (2, NULL);
INSERT INTO egg VALUES (1, 2), (2, 1);
UPDATE chicken SET egg_id = id;
INSERT INTO tree VALUES (1, 1), (2, 1), (3, NULL);
INSERT INTO huge VALUES (1, unhex(repeat('00ff5c27', 500000)), repeat('ü😀''', 200000)), (2, NULL, NULL);
INSERT INTO part VALUES (1, '2025-05-05', 'in'), (2, '1999-01-01', 'old');
