import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

// status: mysqlEnum('status', ['old']) was here
export const batchStatusEnum = mysqlEnum('batchStatus', ['open', /* a value */ 'done']);
export const batches = mysqlTable('batches', { id: int('id').primaryKey(), status: batchStatusEnum.notNull() });
export const runs = mysqlTable('runs', { id: int('id').primaryKey(), batchStatus: batchStatusEnum });
