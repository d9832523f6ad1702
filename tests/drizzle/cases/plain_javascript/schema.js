const { mysqlTable, int, varchar } = require('drizzle-orm/mysql-core');
const users = mysqlTable('users', { id: int('id').primaryKey().autoincrement(), name: varchar('name', { length: 9 }) });
module.exports = { users };
