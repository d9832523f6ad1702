import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

import { sql } from 'drizzle-orm';
export const userAccounts = mysqlTable('userAccounts', {
  userId: int().autoincrement().primaryKey(),
  emailAddress: varchar({ length: 99 }).notNull().unique(),
  displayName: varchar('displayName', { length: 40 }),
  parentUserId: int().references((): any => userAccounts.userId),
  URLPath2: varchar({ length: 10 }),
}, (t) => [index('byName').on(t.emailAddress, t.displayName), foreignKey({ columns: [t.parentUserId], foreignColumns: [t.userId] }), index('low').on(sql`(lower(${t.emailAddress}))`)]);
