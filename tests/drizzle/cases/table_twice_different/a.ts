import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

export const users = mysqlTable('users', { id: int('id').primaryKey(), name: varchar('name', { length: 5 }) });
