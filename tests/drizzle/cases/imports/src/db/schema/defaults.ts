import { pgTable, integer, text, varchar, timestamp, pgEnum, index, unique, primaryKey, foreignKey, pgView } from 'drizzle-orm/pg-core';
const settings = pgTable('settings', { key: text('key').primaryKey() });
export default settings;
