import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';

export const a = pgTable('a', { id: integer('id'), n: text('n') }, (t) => [index('by_n').on(t.n)]);
export const b = pgTable('b', { id: integer('id'), n: text('n') }, (t) => [index('by_n').on(t.n)]);
