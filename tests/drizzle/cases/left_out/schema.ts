import { mysqlTable, mysqlSchema, int } from 'drizzle-orm/mysql-core';
import { sqliteTable, integer } from 'drizzle-orm/sqlite-core';

export const here = mysqlTable('here', { id: int('id').primaryKey() });
export const other = mysqlSchema('other');
export const there = other.table('there', { id: int('id').primaryKey() });
export const local = sqliteTable('local', { id: integer('id') });
