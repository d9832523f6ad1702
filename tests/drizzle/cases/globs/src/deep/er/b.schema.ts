import { sqliteTable, integer, text, index } from 'drizzle-orm/sqlite-core';
export const b = sqliteTable('b', { id: integer('id').primaryKey() });
