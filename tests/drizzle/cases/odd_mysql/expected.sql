CREATE TABLE `t1` (
	`id` bigint unsigned AUTO_INCREMENT NOT NULL,
	`a` decimal,
	`b` decimal,
	`c` decimal(12,0) unsigned DEFAULT 5,
	`d` double(5),
	`d2` float(7,3) unsigned,
	`r` real(4, 1),
	`e` enum('x','y') DEFAULT 'y',
	`f` enum('it''s','b"q','ü') NOT NULL,
	`g` tinyint unsigned DEFAULT 6,
	`h` varbinary(16) DEFAULT (uuid_to_bin(uuid())),
	`i` binary(16),
	`i2` binary,
	`j` char(36) DEFAULT (uuid()),
	`j2` char,
	`k` json DEFAULT ('[{"a":[1,"x'y"],"b":null,"d":true}]'),
	`k2` json DEFAULT ('str'),
	`k3` json DEFAULT ('5'),
	`l` date DEFAULT '2020-01-01',
	`l2` date DEFAULT '2020-02-03',
	`n` datetime(3) DEFAULT '2020-02-03 04:05:06.007',
	`n2` datetime DEFAULT CURRENT_TIMESTAMP,
	`o` timestamp(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP,
	`p` time(3),
	`q` year DEFAULT 2024,
	`s` text DEFAULT ('x'),
	`s2` longtext,
	`s3` mediumtext,
	`s4` tinytext,
	`u` varchar(10) DEFAULT 'p',
	`v` boolean NOT NULL DEFAULT false,
	`w` int DEFAULT -1,
	`w2` int DEFAULT 1000,
	`w3` double DEFAULT 0.1,
	`w4` bigint,
	`x` varchar(20) GENERATED ALWAYS AS (concat('a', 'b')) VIRTUAL,
	`x2` int GENERATED ALWAYS AS (w + 1) STORED NOT NULL,
	`x3` text GENERATED ALWAYS AS (`t1`.`u`) VIRTUAL,
	`nul` int DEFAULT null,
	`back` varchar(5) DEFAULT 'a\b',
	`nl` varchar(5) DEFAULT 'a
b',
	CONSTRAINT `t1_id` PRIMARY KEY(`id`),
	CONSTRAINT `uq_u` UNIQUE(`u`),
	CONSTRAINT `un` UNIQUE(`w`,`w2`),
	CONSTRAINT `t1_w3_unique` UNIQUE(`w3`),
	CONSTRAINT `i4` UNIQUE(`w`,`v`),
	CONSTRAINT `ck` CHECK(`t1`.`w` in (1, 2, 3))
);

CREATE TABLE `t2` (
	`a` int NOT NULL,
	`b` int NOT NULL,
	`c` int NOT NULL,
	`d` int NOT NULL,
	CONSTRAINT `t2_a` PRIMARY KEY(`a`)
);

ALTER TABLE `t2` ADD CONSTRAINT `t2_c_t1_id_fk` FOREIGN KEY (`c`) REFERENCES `t1`(`id`) ON DELETE set null ON UPDATE restrict;
ALTER TABLE `t2` ADD CONSTRAINT `t2_d_t2_a_fk` FOREIGN KEY (`d`) REFERENCES `t2`(`a`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `t2` ADD CONSTRAINT `t2_a_b_t2_a_b_fk` FOREIGN KEY (`a`,`b`) REFERENCES `t2`(`a`,`b`) ON DELETE no action ON UPDATE cascade;
CREATE INDEX `i1` ON `t1` (`u`,`w`);
CREATE INDEX `i3` ON `t1` ((lower(`u`)));
CREATE INDEX `i5` ON `t1` (`w` desc,`v` desc);
CREATE ALGORITHM = undefined
SQL SECURITY definer
VIEW `v1` AS (select `id`, `a`, `b`, `c`, `d`, `d2`, `r`, `e`, `f`, `g`, `h`, `i`, `i2`, `j`, `j2`, `k`, `k2`, `k3`, `l`, `l2`, `n`, `n2`, `o`, `p`, `q`, `s`, `s2`, `s3`, `s4`, `u`, `v`, `w`, `w2`, `w3`, `w4`, `x`, `x2`, `x3`, `nul`, `back`, `nl` from `t1` where `t1`.`u` = 'p');
CREATE ALGORITHM = undefined
SQL SECURITY definer
VIEW `v2` AS (select `t1`.`id` from `t1` order by `t1`.`id` asc)
WITH local CHECK OPTION;
