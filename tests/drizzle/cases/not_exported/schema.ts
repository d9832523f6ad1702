import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';

const hidden = pgTable('hidden', { id: integer('id').primaryKey() });
const mood = pgEnum('mood', ['good', 'bad']);
export const people = pgTable('people', { id: integer('id').primaryKey(), mood: mood('mood') });
export const schema = { hidden };
