import { sqliteTable, integer, text, index } from 'drizzle-orm/sqlite-core';
export const d = sqliteTable('d', { id: integer('id').primaryKey() });
