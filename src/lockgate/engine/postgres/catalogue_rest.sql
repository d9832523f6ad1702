-- Queries for what needs a treatment of its own, and for what cannot be managed but must be seen.

-- name: cloned_triggers
-- Triggers of partitions that are in another state than the parent's trigger they were cloned from.
SELECT t.tgrelid, t.tgname, t.tgenabled
FROM pg_trigger t JOIN pg_trigger u ON u.oid = t.tgparentid
WHERE t.tgenabled <> u.tgenabled AND NOT u.tgisinternal;

-- name: user_mappings
-- User mappings; their options are hidden from those who may not see them.
SELECT u.umid, u.srvname, u.usename, u.umuser = 0, {fdw_options:u.umoptions}, u.umoptions IS NOT NULL
FROM pg_user_mappings u;

-- name: default_privileges
-- Grants that objects made later will get.
SELECT d.oid, pg_get_userbyid(d.defaclrole), coalesce(n.nspname, ''), d.defaclobjtype, d.defaclacl::text
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace;

-- name: security_labels
-- Security labels in this database.
SELECT l.objtype || ' ' || l.objname, l.provider FROM pg_seclabels l
WHERE l.objtype NOT IN ('database', 'role', 'tablespace');

-- name: subscriptions
-- Subscriptions of this database.
SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database();

-- name: changed_privileges
-- Grants on what belongs to the system or an extension that are not the ones it came with.
SELECT x.kind, x.name FROM (
  SELECT CASE WHEN p.prokind = 'p' THEN 'procedure' ELSE 'function' END AS kind, p.oid::regprocedure::text AS name,
         1255::oid AS classoid, p.oid AS objoid, p.proacl AS acl, acldefault('f', p.proowner) AS standard
  FROM pg_proc p WHERE p.proacl IS NOT NULL AND p.pronamespace IS DISTINCT FROM to_regnamespace('information_schema')::oid
  UNION ALL
  SELECT 'relation', c.oid::regclass::text, 1259, c.oid, c.relacl,
         acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)
  FROM pg_class c WHERE c.relacl IS NOT NULL AND c.relnamespace IS DISTINCT FROM to_regnamespace('information_schema')::oid
  UNION ALL
  SELECT 'type', format_type(t.oid, NULL), 1247, t.oid, t.typacl, acldefault('T', t.typowner)
  FROM pg_type t WHERE t.typacl IS NOT NULL AND t.typnamespace IS DISTINCT FROM to_regnamespace('information_schema')::oid
  UNION ALL
  SELECT 'language', l.lanname, 2612, l.oid, l.lanacl, acldefault('l', l.lanowner)
  FROM pg_language l WHERE l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'schema', n.nspname, 2615, n.oid, n.nspacl, acldefault('n', n.nspowner)
  FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND n.nspname NOT IN ('public', 'information_schema')
) x LEFT JOIN pg_init_privs i ON i.classoid = x.classoid AND i.objoid = x.objoid AND i.objsubid = 0
WHERE (x.objoid < 16384 OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = x.classoid AND d.objid = x.objoid
                                   AND d.deptype = 'e'))
  AND x.acl <> coalesce(i.initprivs, x.standard)
  AND NOT (x.acl @> coalesce(i.initprivs, x.standard) AND x.acl <@ coalesce(i.initprivs, x.standard))
ORDER BY 1, 2;
