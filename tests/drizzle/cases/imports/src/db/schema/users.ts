import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';
import { id, type Id } from './ids.js';
import * as team from '@tables/teams';
import type { Nothing } from './nowhere';
export const users = pgTable('users', { id: id(), team: integer('team_id').references(() => team.teams.id), lead: integer('lead_id').references(() => lazy()) });
const lazy = () => users.id;
