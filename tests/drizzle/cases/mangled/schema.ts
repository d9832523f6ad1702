import { mysqlTable, int, varchar, mysqlEnum, index, check } from 'drizzle-orm/mysql-core';
import { sql } from 'drizzle-orm';

export const a = mysqlTable('a', {
  id: int('id').primaryKey(),
  size: mysqlEnum('size', ['s, m', 'l (large)']),
  fine: mysqlEnum('fine', ["it's", 'b']),
}, (t) => [check('no_semicolon', sql`${t.size} <> ';' and ${t.id} > 0`), index('two').on(sql`(concat(${t.size}, ${t.fine}))`)]);
