// import { sqliteTable } from 'drizzle-orm/sqlite-core' once: sqliteTable('gone', {})
export const nothing = 1;
