-- Queries for everything whose schema is a text. Each returns the same columns: class, oid, kind, namespace, name,
-- table, canonical CREATE statement, grants, owner, options as an array of name and value in turn.

-- name: views
-- Views and materialised views.
SELECT 1259, c.oid, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized_view' END, n.nspname, c.relname, NULL,
       'CREATE ' || CASE c.relkind WHEN 'v' THEN 'VIEW ' ELSE 'MATERIALIZED VIEW ' END
       || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
       || CASE WHEN c.relkind = 'v' THEN coalesce((
            SELECT ' WITH (' || string_agg(split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)),
                                           ', ' ORDER BY o) || ')'
            FROM unnest(c.reloptions) o WHERE o NOT LIKE 'check_option=%'), '') ELSE '' END
       || E' AS\n' || rtrim(pg_get_viewdef(c.oid), ';')
       || coalesce((SELECT E'\n WITH ' || upper(substr(o, 14)) || ' CHECK OPTION'
                    FROM unnest(c.reloptions) o WHERE c.relkind = 'v' AND o LIKE 'check_option=%'), ''),
       c.relacl::text, pg_get_userbyid(c.relowner), NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {ns} AND {not_member:pg_class:c};

-- name: routines
-- Functions and procedures.
SELECT 1255, p.oid, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, n.nspname,
       p.proname || '(' || oidvectortypes(p.proargtypes) || ')', NULL, rtrim(pg_get_functiondef(p.oid), E'\n'),
       p.proacl::text, pg_get_userbyid(p.proowner), NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind <> 'a' AND p.oid >= 16384 AND {ns} AND {not_member:pg_proc:p}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                  AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass);

-- name: aggregates
-- Aggregate functions.
SELECT 1255, p.oid, 'aggregate', n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')', NULL,
       'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
       || CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || E') (\n    SFUNC = '
       || a.aggtransfn::regproc || E',\n    STYPE = ' || format_type(a.aggtranstype, NULL)
       || CASE WHEN a.aggtransspace <> 0 THEN E',\n    SSPACE = ' || a.aggtransspace ELSE '' END
       || CASE WHEN a.aggfinalfn <> 0 THEN E',\n    FINALFUNC = ' || a.aggfinalfn::regproc
               || CASE WHEN a.aggfinalextra THEN E',\n    FINALFUNC_EXTRA' ELSE '' END
               || CASE WHEN a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r'::"char" ELSE 'w' END
                  THEN E',\n    FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY'
                       WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END ELSE '' END
          ELSE '' END
       || CASE WHEN a.aggcombinefn <> 0 THEN E',\n    COMBINEFUNC = ' || a.aggcombinefn::regproc ELSE '' END
       || CASE WHEN a.aggserialfn <> 0 THEN E',\n    SERIALFUNC = ' || a.aggserialfn::regproc ELSE '' END
       || CASE WHEN a.aggdeserialfn <> 0 THEN E',\n    DESERIALFUNC = ' || a.aggdeserialfn::regproc ELSE '' END
       || CASE WHEN a.agginitval IS NOT NULL THEN E',\n    INITCOND = ' || quote_literal(a.agginitval) ELSE '' END
       || CASE WHEN a.aggmtransfn <> 0 THEN E',\n    MSFUNC = ' || a.aggmtransfn::regproc || E',\n    MINVFUNC = '
               || a.aggminvtransfn::regproc || E',\n    MSTYPE = ' || format_type(a.aggmtranstype, NULL)
               || CASE WHEN a.aggmtransspace <> 0 THEN E',\n    MSSPACE = ' || a.aggmtransspace ELSE '' END
               || CASE WHEN a.aggmfinalfn <> 0 THEN E',\n    MFINALFUNC = ' || a.aggmfinalfn::regproc
                       || CASE WHEN a.aggmfinalextra THEN E',\n    MFINALFUNC_EXTRA' ELSE '' END
                       || CASE WHEN a.aggmfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r'::"char" ELSE 'w' END
                          THEN E',\n    MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY'
                               WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END ELSE '' END
                  ELSE '' END
               || CASE WHEN a.aggminitval IS NOT NULL THEN E',\n    MINITCOND = ' || quote_literal(a.aggminitval)
                  ELSE '' END
          ELSE '' END
       || CASE WHEN a.aggsortop <> 0 THEN E',\n    SORTOP = OPERATOR(' || (
               SELECT quote_ident(sn.nspname) || '.' || so.oprname FROM pg_operator so
               JOIN pg_namespace sn ON sn.oid = so.oprnamespace WHERE so.oid = a.aggsortop) || ')' ELSE '' END
       || CASE WHEN a.aggkind = 'h' THEN E',\n    HYPOTHETICAL' ELSE '' END
       || CASE p.proparallel WHEN 's' THEN E',\n    PARALLEL = safe' WHEN 'r' THEN E',\n    PARALLEL = restricted'
          ELSE '' END || E'\n)',
       p.proacl::text, pg_get_userbyid(p.proowner),
       ARRAY['reference', 'AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
             || CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END || ')']
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 AND {ns} AND {not_member:pg_proc:p};

-- name: triggers
-- Triggers that are neither internal nor cloned from a partitioned parent.
SELECT 2620, t.oid, 'trigger', n.nspname, t.tgname, c.relname, pg_get_triggerdef(t.oid), NULL, '',
       CASE t.tgenabled WHEN 'D' THEN ARRAY['enabled', 'disabled'] WHEN 'R' THEN ARRAY['enabled', 'replica']
                        WHEN 'A' THEN ARRAY['enabled', 'always'] END
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND {ns} AND {not_member:pg_class:c};

-- name: rules
-- Rewrite rules but those that make a view.
SELECT 2618, r.oid, 'rule', n.nspname, r.rulename, c.relname, rtrim(pg_get_ruledef(r.oid), ';'), NULL, '',
       CASE r.ev_enabled WHEN 'D' THEN ARRAY['enabled', 'disabled'] WHEN 'R' THEN ARRAY['enabled', 'replica']
                         WHEN 'A' THEN ARRAY['enabled', 'always'] END
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND {ns} AND {not_member:pg_class:c};

-- name: policies
-- Row security policies.
SELECT 3256, p.oid, 'policy', n.nspname, p.polname, c.relname,
       'CREATE POLICY ' || quote_ident(p.polname) || ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
       || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
       || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
                        WHEN 'd' THEN ' FOR DELETE' ELSE '' END
       || CASE WHEN p.polroles = '{0}' THEN '' ELSE ' TO ' || (
            SELECT string_agg(CASE WHEN x.r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.r)) END, ', '
                              ORDER BY pg_get_userbyid(x.r)) FROM unnest(p.polroles) x(r)) END
       || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
       || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
       NULL, '', NULL
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {ns};

-- name: statistics
-- Extended statistics.
SELECT 3381, s.oid, 'statistics', n.nspname, s.stxname, NULL, pg_get_statisticsobjdef(s.oid), NULL, '',
       CASE WHEN s.stxstattarget >= 0 THEN ARRAY['statistics', s.stxstattarget::text] END
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {ns} AND {not_member:pg_statistic_ext:s};

-- name: event_triggers
-- Event triggers.
SELECT 3466, e.oid, 'event_trigger', '', e.evtname, NULL,
       'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || e.evtevent
       || coalesce(E'\n         WHEN TAG IN (' || (SELECT string_agg(quote_literal(x.t), ', ') FROM unnest(e.evttags) x(t))
                   || ')', '')
       || E'\n   EXECUTE FUNCTION ' || e.evtfoid::regproc || '()',
       NULL, '',
       CASE e.evtenabled WHEN 'D' THEN ARRAY['enabled', 'disabled'] WHEN 'R' THEN ARRAY['enabled', 'replica']
                         WHEN 'A' THEN ARRAY['enabled', 'always'] END
FROM pg_event_trigger e WHERE {not_member:pg_event_trigger:e};

-- name: ranges
-- Range types.
SELECT 1247, t.oid, 'range', n.nspname, t.typname, NULL,
       'CREATE TYPE ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) || E' AS RANGE (\n    subtype = '
       || format_type(r.rngsubtype, NULL)
       || coalesce(E',\n    multirange_type_name = ' || (SELECT quote_ident(mn.nspname) || '.' || quote_ident(m.typname) -- since 14
          FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid), '') -- since 14
       || CASE WHEN NOT oc.opcdefault THEN E',\n    subtype_opclass = ' || quote_ident(ocn.nspname) || '.'
               || quote_ident(oc.opcname) ELSE '' END
       || CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> st.typcollation THEN E',\n    collation = '
               || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END
       || CASE WHEN r.rngcanonical <> 0 THEN E',\n    canonical = ' || r.rngcanonical ELSE '' END
       || CASE WHEN r.rngsubdiff <> 0 THEN E',\n    subtype_diff = ' || r.rngsubdiff ELSE '' END || E'\n)',
       t.typacl::text, pg_get_userbyid(t.typowner), NULL
FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type st ON st.oid = r.rngsubtype
JOIN pg_opclass oc ON oc.oid = r.rngsubopc JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_collation co ON co.oid = r.rngcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE {ns} AND {not_member:pg_type:t};

-- name: operators
-- Operators that are not mere shells.
SELECT 2617, o.oid, 'operator', n.nspname,
       o.oprname || '(' || CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
       || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')', NULL,
       'CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || E' (\n    FUNCTION = ' || o.oprcode::regproc
       || CASE WHEN o.oprleft <> 0 THEN E',\n    LEFTARG = ' || format_type(o.oprleft, NULL) ELSE '' END
       || CASE WHEN o.oprright <> 0 THEN E',\n    RIGHTARG = ' || format_type(o.oprright, NULL) ELSE '' END
       || CASE WHEN o.oprcom <> 0 THEN E',\n    COMMUTATOR = OPERATOR(' || (SELECT quote_ident(xn.nspname) || '.'
               || x.oprname FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprcom)
               || ')' ELSE '' END
       || CASE WHEN o.oprnegate <> 0 THEN E',\n    NEGATOR = OPERATOR(' || (SELECT quote_ident(xn.nspname) || '.'
               || x.oprname FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprnegate)
               || ')' ELSE '' END
       || CASE WHEN o.oprrest <> 0 THEN E',\n    RESTRICT = ' || o.oprrest::regproc ELSE '' END
       || CASE WHEN o.oprjoin <> 0 THEN E',\n    JOIN = ' || o.oprjoin::regproc ELSE '' END
       || CASE WHEN o.oprcanmerge THEN E',\n    MERGES' ELSE '' END
       || CASE WHEN o.oprcanhash THEN E',\n    HASHES' ELSE '' END || E'\n)',
       NULL, '',
       ARRAY['reference', 'OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' ('
             || CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
             || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')']
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND {ns} AND {not_member:pg_operator:o};

-- name: operator_families
-- Operator families that no operator class made by itself, with their loose members.
SELECT 2753, f.oid, 'operator_family', n.nspname, f.opfname || ' USING ' || am.amname, NULL,
       'CREATE OPERATOR FAMILY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING '
       || quote_ident(am.amname),
       NULL, '',
       ARRAY['reference', 'OPERATOR FAMILY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING '
             || quote_ident(am.amname)]
       || ARRAY(SELECT unnest(ARRAY['member:OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator
            || CASE WHEN o.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (
                 SELECT quote_ident(sn.nspname) || '.' || quote_ident(sf.opfname) FROM pg_opfamily sf
                 JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = o.amopsortfamily) ELSE '' END,
            'OPERATOR ' || o.amopstrategy || ' (' || format_type(o.amoplefttype, NULL) || ', '
            || format_type(o.amoprighttype, NULL) || ')'])
          FROM pg_amop o JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid
               AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid WHERE o.amopfamily = f.oid)
       || ARRAY(SELECT unnest(ARRAY['member:FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, NULL)
            || ', ' || format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure,
            'FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', '
            || format_type(p.amprocrighttype, NULL) || ')'])
          FROM pg_amproc p JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
               AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid WHERE p.amprocfamily = f.oid)
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
WHERE {ns} AND {not_member:pg_opfamily:f};

-- name: operator_classes
-- Operator classes with what belongs to them.
SELECT 2616, c.oid, 'operator_class', n.nspname, c.opcname || ' USING ' || am.amname, NULL,
       'CREATE OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(c.opcname) || E'\n    '
       || CASE WHEN c.opcdefault THEN 'DEFAULT ' ELSE '' END || 'FOR TYPE ' || format_type(c.opcintype, NULL)
       || ' USING ' || quote_ident(am.amname) || ' FAMILY ' || quote_ident(fn.nspname) || '.' || quote_ident(f.opfname)
       || E' AS\n    ' || array_to_string(
            CASE WHEN c.opckeytype <> 0 THEN ARRAY['STORAGE ' || format_type(c.opckeytype, NULL)] ELSE ARRAY[]::text[] END
            || ARRAY(SELECT 'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator
                 || CASE WHEN o.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (
                      SELECT quote_ident(sn.nspname) || '.' || quote_ident(sf.opfname) FROM pg_opfamily sf
                      JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = o.amopsortfamily) ELSE '' END
               FROM pg_amop o JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid
                    AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid ORDER BY o.amopstrategy)
            || ARRAY(SELECT 'FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', '
                 || format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure
               FROM pg_amproc p JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
                    AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid ORDER BY p.amprocnum),
            E',\n    '),
       NULL, '',
       ARRAY['reference', 'OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(c.opcname) || ' USING '
             || quote_ident(am.amname)]
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE {ns} AND {not_member:pg_opclass:c};

-- name: casts
-- Casts made by the user.
SELECT 2605, c.oid, 'cast', '', format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL), NULL,
       'CREATE CAST (' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ') '
       || CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
          ELSE 'WITH FUNCTION ' || (SELECT quote_ident(pn.nspname) || '.' || quote_ident(p.proname) || '('
               || pg_get_function_identity_arguments(p.oid) || ')' FROM pg_proc p
               JOIN pg_namespace pn ON pn.oid = p.pronamespace WHERE p.oid = c.castfunc) END
       || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END,
       NULL, '',
       ARRAY['reference', 'CAST (' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')']
FROM pg_cast c WHERE c.oid >= 16384 AND {not_member:pg_cast:c}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i');

-- name: collations
-- Collations made by the user.
SELECT 3456, c.oid, 'collation', n.nspname, c.collname, NULL,
       'CREATE COLLATION ' || quote_ident(n.nspname) || '.' || quote_ident(c.collname) || ' (provider = '
       || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END
       || CASE WHEN c.collisdeterministic THEN '' ELSE ', deterministic = false' END
       || CASE WHEN c.collprovider <> 'c' THEN ', locale = ' || quote_literal(c.colllocale) -- since 17
       || CASE WHEN c.collprovider <> 'c' THEN ', locale = ' || quote_literal(coalesce(c.colliculocale, c.collcollate)) -- until 16 since 15
       || CASE WHEN c.collprovider <> 'c' THEN ', locale = ' || quote_literal(c.collcollate) -- until 14
               WHEN c.collcollate = c.collctype THEN ', locale = ' || quote_literal(c.collcollate)
               ELSE ', lc_collate = ' || quote_literal(c.collcollate) || ', lc_ctype = ' || quote_literal(c.collctype) END
       || coalesce(', rules = ' || quote_literal(c.collicurules), '') -- since 16
       || ')', NULL, '', NULL
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE {ns} AND {not_member:pg_collation:c};

-- name: conversions
-- Encoding conversions made by the user.
SELECT 2607, c.oid, 'conversion', n.nspname, c.conname, NULL,
       'CREATE ' || CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END || 'CONVERSION ' || quote_ident(n.nspname) || '.'
       || quote_ident(c.conname) || ' FOR ' || quote_literal(pg_encoding_to_char(c.conforencoding)) || ' TO '
       || quote_literal(pg_encoding_to_char(c.contoencoding)) || ' FROM ' || c.conproc::regproc, NULL, '', NULL
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE {ns} AND {not_member:pg_conversion:c};

-- name: ts_parsers
-- Text search parsers.
SELECT 3601, p.oid, 'ts_parser', n.nspname, p.prsname, NULL,
       'CREATE TEXT SEARCH PARSER ' || quote_ident(n.nspname) || '.' || quote_ident(p.prsname) || ' (START = '
       || p.prsstart || ', GETTOKEN = ' || p.prstoken || ', END = ' || p.prsend
       || CASE WHEN p.prsheadline <> 0 THEN ', HEADLINE = ' || p.prsheadline ELSE '' END
       || ', LEXTYPES = ' || p.prslextype || ')', NULL, '', NULL
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE {ns} AND {not_member:pg_ts_parser:p};

-- name: ts_templates
-- Text search templates.
SELECT 3764, t.oid, 'ts_template', n.nspname, t.tmplname, NULL,
       'CREATE TEXT SEARCH TEMPLATE ' || quote_ident(n.nspname) || '.' || quote_ident(t.tmplname) || ' ('
       || CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit || ', ' ELSE '' END || 'LEXIZE = ' || t.tmpllexize || ')',
       NULL, '', NULL
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE {ns} AND {not_member:pg_ts_template:t};

-- name: ts_dictionaries
-- Text search dictionaries.
SELECT 3600, d.oid, 'ts_dictionary', n.nspname, d.dictname, NULL,
       'CREATE TEXT SEARCH DICTIONARY ' || quote_ident(n.nspname) || '.' || quote_ident(d.dictname) || E' (\n    TEMPLATE = '
       || quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) || coalesce(E',\n    ' || d.dictinitoption, '') || ')',
       NULL, '', NULL
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE {ns} AND {not_member:pg_ts_dict:d};

-- name: ts_configurations
-- Text search configurations and their mappings.
SELECT 3602, c.oid, 'ts_configuration', n.nspname, c.cfgname, NULL,
       'CREATE TEXT SEARCH CONFIGURATION ' || quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) || E' (\n    PARSER = '
       || quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) || ')', NULL, '',
       ARRAY(SELECT unnest(ARRAY['mapping:' || m.alias, m.dicts]) FROM (
         SELECT tt.alias, string_agg(quote_ident(dn.nspname) || '.' || quote_ident(d.dictname), ', ' ORDER BY x.mapseqno) dicts
         FROM pg_ts_config_map x JOIN ts_token_type(c.cfgparser) tt ON tt.tokid = x.maptokentype
         JOIN pg_ts_dict d ON d.oid = x.mapdict JOIN pg_namespace dn ON dn.oid = d.dictnamespace
         WHERE x.mapcfg = c.oid GROUP BY tt.alias) m)
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE {ns} AND {not_member:pg_ts_config:c};

-- name: languages
-- Procedural languages made by the user.
SELECT 2612, l.oid, 'language', '', l.lanname, NULL,
       'CREATE ' || CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END || 'LANGUAGE ' || quote_ident(l.lanname)
       || ' HANDLER ' || l.lanplcallfoid::regproc
       || CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc ELSE '' END
       || CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc ELSE '' END,
       l.lanacl::text, pg_get_userbyid(l.lanowner), NULL
FROM pg_language l WHERE l.lanispl AND l.oid >= 16384 AND {not_member:pg_language:l};

-- name: transforms
-- Transforms.
SELECT 3576, t.oid, 'transform', '', format_type(t.trftype, NULL) || ' LANGUAGE ' || l.lanname, NULL,
       'CREATE TRANSFORM FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname) || ' ('
       || concat_ws(', ', CASE WHEN t.trffromsql <> 0 THEN 'FROM SQL WITH FUNCTION ' || t.trffromsql::regprocedure END,
                    CASE WHEN t.trftosql <> 0 THEN 'TO SQL WITH FUNCTION ' || t.trftosql::regprocedure END) || ')',
       NULL, '',
       ARRAY['reference', 'TRANSFORM FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname)]
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384 AND {not_member:pg_transform:t};

-- name: access_methods
-- Access methods.
SELECT 2601, a.oid, 'access_method', '', a.amname, NULL,
       'CREATE ACCESS METHOD ' || quote_ident(a.amname) || ' TYPE '
       || CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END || ' HANDLER ' || a.amhandler, NULL, '', NULL
FROM pg_am a WHERE a.oid >= 16384 AND {not_member:pg_am:a};

-- name: fdws
-- Foreign data wrappers.
SELECT 2328, f.oid, 'fdw', '', f.fdwname, NULL,
       'CREATE FOREIGN DATA WRAPPER ' || quote_ident(f.fdwname)
       || CASE WHEN f.fdwhandler <> 0 THEN ' HANDLER ' || f.fdwhandler::regproc ELSE '' END
       || CASE WHEN f.fdwvalidator <> 0 THEN ' VALIDATOR ' || f.fdwvalidator::regproc ELSE '' END
       || coalesce(' OPTIONS (' || {fdw_options:f.fdwoptions} || ')', ''),
       f.fdwacl::text, pg_get_userbyid(f.fdwowner), NULL
FROM pg_foreign_data_wrapper f WHERE f.oid >= 16384 AND {not_member:pg_foreign_data_wrapper:f};

-- name: servers
-- Foreign servers.
SELECT 1417, s.oid, 'server', '', s.srvname, NULL,
       'CREATE SERVER ' || quote_ident(s.srvname) || coalesce(' TYPE ' || quote_literal(s.srvtype), '')
       || coalesce(' VERSION ' || quote_literal(s.srvversion), '') || ' FOREIGN DATA WRAPPER ' || quote_ident(f.fdwname)
       || coalesce(' OPTIONS (' || {fdw_options:s.srvoptions} || ')', ''),
       s.srvacl::text, pg_get_userbyid(s.srvowner), NULL
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw WHERE {not_member:pg_foreign_server:s};

-- name: publications
-- Publications.
SELECT 6104, p.oid, 'publication', '', p.pubname, NULL,
       'CREATE PUBLICATION ' || quote_ident(p.pubname)
       || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE coalesce(' FOR ' || nullif(concat_ws(', ',
            (SELECT string_agg('TABLE ONLY ' || quote_ident(tn.nspname) || '.' || quote_ident(tc.relname)
               || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a -- since 15
                  WHERE a.attrelid = pr.prrelid AND a.attnum = ANY(pr.prattrs)) || ')', '') -- since 15
               || coalesce(' WHERE (' || pg_get_expr(pr.prqual, pr.prrelid) || ')', '') -- since 15
               , ', ' ORDER BY tn.nspname, tc.relname)
             FROM pg_publication_rel pr JOIN pg_class tc ON tc.oid = pr.prrelid
             JOIN pg_namespace tn ON tn.oid = tc.relnamespace WHERE pr.prpubid = p.oid)
            , (SELECT string_agg('TABLES IN SCHEMA ' || quote_ident(sn.nspname), ', ' ORDER BY sn.nspname) -- since 15
              FROM pg_publication_namespace pn JOIN pg_namespace sn ON sn.oid = pn.pnnspid WHERE pn.pnpubid = p.oid) -- since 15
          ), ''), '') END
       || ' WITH (publish = ' || quote_literal(concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
            CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
            CASE WHEN p.pubtruncate THEN 'truncate' END))
       || CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END
       || CASE WHEN p.pubgencols = 's' THEN ', publish_generated_columns = stored' ELSE '' END -- since 18
       || ')', NULL, '', NULL
FROM pg_publication p WHERE {not_member:pg_publication:p};
