import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';
import { id } from './ids';
import { users } from './users';
export const teams = pgTable('teams', { id: id(), owner: integer('owner_id').references(() => users.id, { onDelete: 'set null' }) });
