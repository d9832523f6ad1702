import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

export const a = mysqlTable('a', { id: int('id'), n: int('n') }, (t) => [index('by_n').on(t.n)]);
export const b = mysqlTable('b', { id: int('id'), n: int('n') }, (t) => [index('by_n').on(t.n)]);
