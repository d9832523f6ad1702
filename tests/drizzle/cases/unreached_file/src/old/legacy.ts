import { sqliteTable, integer, text, index } from 'drizzle-orm/sqlite-core';

export const users = sqliteTable('users', { id: integer('id').primaryKey(), name: text('name') });
export const lost = sqliteTable('lost', { id: integer('id').primaryKey() });
