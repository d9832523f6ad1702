import { sqliteTable, integer, text, index } from 'drizzle-orm/sqlite-core';
export const c = sqliteTable('c', { id: integer('id').primaryKey() });
