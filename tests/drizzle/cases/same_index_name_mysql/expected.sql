CREATE TABLE `a` (
	`id` int,
	`n` int
);

CREATE TABLE `b` (
	`id` int,
	`n` int
);

CREATE INDEX `by_n` ON `a` (`n`);
CREATE INDEX `by_n` ON `b` (`n`);
