import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';

import { sql } from 'drizzle-orm';
export const accounts = pgTable('accounts', {
  account_id: integer().primaryKey(),
  email_address: text().notNull().unique(),
  given: text('given_name'),
}, (t) => [index().on(t.email_address), unique().on(t.account_id, t.email_address), primaryKey({ columns: [t.account_id, t.email_address] })]);
export const names = pgView('names', { id: integer() }).as(sql`select ${accounts.account_id} from ${accounts} where ${accounts.email_address} = ${'x'}`);
