import { sqliteTable, integer, text, index } from 'drizzle-orm/sqlite-core';
export const a = sqliteTable('a', { id: integer('id').primaryKey() });
