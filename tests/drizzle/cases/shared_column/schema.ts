import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

const money = decimal({ precision: 15, scale: 2 });
export const prices = mysqlTable('prices', { id: int('id').primaryKey(), price: money });
export const totals = mysqlTable('totals', { id: int('id').primaryKey(), total: money });
