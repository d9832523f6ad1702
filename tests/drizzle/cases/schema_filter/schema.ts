import { pgSchema, pgTable, integer } from 'drizzle-orm/pg-core';

export const auth = pgSchema('auth');
export const authUsers = auth.table('users', { id: integer('id').primaryKey() });
export const posts = pgTable('posts', { id: integer('id').primaryKey() });
