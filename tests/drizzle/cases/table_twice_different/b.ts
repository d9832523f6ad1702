import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

export const users = mysqlTable('users', { id: int('id').primaryKey(), title: varchar('title', { length: 5 }) });
