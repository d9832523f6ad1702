-- Queries on the catalogue for namespaces, relations and types. A "-- name:" line and a sentence stand before each.
-- {ns} is the condition on pg_namespace n. A line that ends in "-- since N" or "-- until N" is kept only for servers
-- of major version N and later, or N and earlier.

-- name: namespaces
-- Every schema of the user.
SELECT n.oid, n.nspname, n.nspacl::text, pg_get_userbyid(n.nspowner)
FROM pg_namespace n WHERE {ns};

-- name: extensions
-- Installed extensions; plpgsql is part of every database and left out.
SELECT e.oid, e.extname, n.nspname
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql';

-- name: members
-- What belongs to an extension.
SELECT d.classid, d.objid, e.extname
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

-- name: comments
-- All comments on what a user made, and on schemas.
SELECT classoid, objoid, objsubid, description
FROM pg_description WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass;

-- name: relations
-- Tables of every kind, views, sequences and composite types.
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, am.amname, ts.spcname, c.reloptions, tc.reloptions,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispartition, c.relispopulated,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
       c.relacl::text, pg_get_userbyid(c.relowner), c.reltype
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid AND tc.reloptions IS NOT NULL
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND {ns};

-- name: inheritance
-- Parents of tables and of partition indexes, in order.
SELECT i.inhrelid, i.inhparent, c.relkind FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
ORDER BY i.inhrelid, i.inhseqno;

-- name: columns
-- Columns of tables, views, foreign tables and composite types.
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       a.attgenerated, CASE WHEN a.atthasdef THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
       a.attcompression, -- since 14
       '', -- until 13
       NULLIF(a.attstattarget, -1), a.attoptions, a.attfdwoptions, a.attislocal, a.attinhcount, a.attacl::text
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND {ns}
ORDER BY a.attrelid, a.attnum;

-- name: constraints
-- Constraints of tables and domains; constraint triggers are read with the triggers.
SELECT k.oid, k.conrelid, k.contypid, k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated,
       k.conkey, k.confrelid, k.confkey, k.confupdtype, k.confdeltype, k.confmatchtype, k.conindid, k.conislocal,
       k.coninhcount, k.connoinherit, k.conparentid,
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid)
            WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END,
       k.confdelsetcols, -- since 15
       NULL, -- until 14
       k.conenforced, k.conperiod -- since 18
       true, false -- until 17
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.contype IN ('c', 'f', 'n', 'p', 'u', 'x') AND {ns};

-- name: indexes
-- All indexes; the definition text only of those that no constraint owns.
SELECT i.indexrelid, i.indrelid, c.relname, i.indisunique, i.indisvalid, i.indisclustered, i.indisreplident,
       i.indnkeyatts, i.indkey::text, k.oid, am.amname, ts.spcname, c.reloptions,
       CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) END,
       CASE WHEN i.indexprs IS NOT NULL
            THEN ARRAY(SELECT pg_get_indexdef(i.indexrelid, g, false) FROM generate_series(1, i.indnkeyatts) g) END,
       CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END,
       i.indnullsnotdistinct, -- since 15
       false, -- until 14
       CASE WHEN c.relispartition THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = p.inhparent AND a.attnum > 0 ORDER BY a.attnum) END,
       p.inhparent, c.relkind,
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(SELECT a.attnum || ':' || a.attstattarget FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attstattarget >= 0 ORDER BY a.attnum) END
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits p ON p.inhrelid = i.indexrelid AND c.relispartition
WHERE {ns};

-- name: foreign_tables
-- Server and options of foreign tables.
SELECT f.ftrelid, s.srvname, f.ftoptions FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver;

-- name: sequences
-- Attributes of sequences, and the column that owns each.
SELECT s.seqrelid, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
       s.seqcycle, d.deptype, d.refobjid, d.refobjsubid
FROM pg_sequence s
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
     AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0;

-- name: types
-- Enums, domains, ranges and base types; and arrays and row types, for the look-up of dependencies.
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typnotnull,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) END,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       t.typelem, t.typrelid, t.typarray, t.typacl::text, pg_get_userbyid(t.typowner), t.typisdefined
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE {ns};

-- name: enum_labels
-- Labels of enums in order.
SELECT e.enumtypid, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e GROUP BY e.enumtypid;

-- name: depends
-- What uses what, as far as the model tells it: expressions, types of columns, routines, triggers, views.
SELECT 1259, a.adrelid, a.adnum, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid
WHERE d.classid = 'pg_attrdef'::regclass AND d.refobjid >= 16384
  AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = a.adrelid AND d.refobjsubid = a.adnum)
UNION ALL
SELECT 1259, r.ev_class, 0, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid >= 16384 AND r.rulename = '_RETURN'
  AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = r.ev_class)
UNION ALL
SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d
WHERE d.classid NOT IN ('pg_attrdef'::regclass, 'pg_class'::regclass, 'pg_constraint'::regclass)
  AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a', 'x') AND d.refclassid <> 'pg_namespace'::regclass
UNION ALL
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d
WHERE d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass)
  AND d.refobjid >= 16384 AND d.deptype IN ('n', 'x')
  AND d.refclassid NOT IN ('pg_class'::regclass, 'pg_namespace'::regclass, 'pg_constraint'::regclass)
UNION ALL
SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid
  AND d.deptype = 'a' AND d.refobjsubid > 0;
