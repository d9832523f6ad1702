import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';

import { sql } from 'drizzle-orm';
import { sharedColumns } from '@acme/columns';
import { z } from 'zod';
import { missing } from './missing';
export const states = pgEnum('states', z.enum(['a', 'b']).options);
export const users = pgTable('users', {
  ...sharedColumns,
  id: integer('id').primaryKey(),
  kind: missing('kind'),
  limit: integer('limit').default(Number(process.env.LIMIT)),
  stamp: timestamp('stamp').default(new Date()),
  cut: varchar('cut', { length: process.env.LENGTH }),
  text: text('text').default(sql`${'a parameter'}`),
});
export const seen = pgView('seen').as((qb) => qb.select().from(users));
export const named = pgTable(process.env.TABLE!, { id: integer('id') });
