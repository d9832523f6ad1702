import { mysqlTable, int, varchar, mysqlEnum, timestamp, index, foreignKey, decimal } from 'drizzle-orm/mysql-core';

export const purchaseOrderConfirmations = mysqlTable('purchase_order_confirmations', { id: int('id').primaryKey() });
export const confirmationLines = mysqlTable('confirmation_lines', {
  id: int('id').primaryKey(),
  confirmationId: int('confirmation_id').references(() => purchaseOrderConfirmations.id),
});
