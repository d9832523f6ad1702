"""The names that stand in ``options`` of PostgreSQL's schema objects, and what each means; data for planner and people.

Absent always means the server's default. A name that ends in ``:<x>`` is one option per x, for example
``reloption:fillfactor`` or, on a view or materialised view, ``comment:<column>``.
"""

from __future__ import annotations

from typing import NamedTuple


class OptionDoc(NamedTuple):
    """One option: the objects it stands on, its values, and the statement that changes it alone."""

    objects: str
    values: str
    changed_by: str


OPTIONS: dict[str, OptionDoc] = {
    "acl": OptionDoc(
        "table, column, sequence, namespace, enum, domain, composite, every definition; identity.options",
        'JSON grantee → privileges, see acl.py; absent = default, "{}" = only the owner',
        "GRANT / REVOKE: acl.render_grants(grant_clause(object), decode_acl(before), decode_acl(after), kind)",
    ),
    "reloption:<name>": OptionDoc(
        "table, index, primary_key, unique, exclusion, materialized_view; toast options as reloption:toast.<name>",
        "the value's text",
        "ALTER TABLE|INDEX|MATERIALIZED VIEW … SET (name = 'value') / RESET (name)",
    ),
    "reloption_order": OptionDoc(
        "as reloption; likewise attoption_order, fdw_option_order",
        "names in the server's order when it is not the alphabetical one",
        "RESET all, SET in this order (only the text of a dump depends on it)",
    ),
    "tablespace": OptionDoc(
        "table, index, primary_key, unique, exclusion, materialized_view",
        "tablespace name",
        "ALTER … SET TABLESPACE (pg_default to leave it out)",
    ),
    "persistence": OptionDoc("table, sequence, identity.options", "unlogged", "ALTER … SET UNLOGGED / SET LOGGED"),
    "access_method": OptionDoc("table, materialized_view", "name, when not heap", "ALTER … SET ACCESS METHOD (15+)"),
    "row_security": OptionDoc("table", "enabled", "ALTER TABLE … ENABLE|DISABLE ROW LEVEL SECURITY"),
    "force_row_security": OptionDoc("table", "true", "ALTER TABLE … [NO] FORCE ROW LEVEL SECURITY"),
    "replica_identity": OptionDoc(
        "table, materialized_view", "full, nothing, or index <name>", "ALTER TABLE … REPLICA IDENTITY …"
    ),
    "clustered_on": OptionDoc(
        "table, materialized_view",
        "index name",
        "ALTER TABLE|MATERIALIZED VIEW … CLUSTER ON name / SET WITHOUT CLUSTER",
    ),
    "of_type": OptionDoc("table", "quoted name of the composite type", "ALTER TABLE … OF type / NOT OF"),
    "server": OptionDoc("table (foreign)", "name of the foreign server", "not changeable: drop and create"),
    "fdw_option:<name>": OptionDoc(
        "table (foreign), its columns", "the value's text", "ALTER FOREIGN TABLE … [ALTER COLUMN c] OPTIONS (…)"
    ),
    "validated:<check>": OptionDoc(
        "table (partition)",
        "true: the copy of a parent's NOT VALID check is valid here",
        "ALTER TABLE ONLY child VALIDATE CONSTRAINT name",
    ),
    "trigger:<name>": OptionDoc(
        "table (partition)",
        "state of a trigger cloned from the parent where it is not the parent's: origin, disabled, replica, always",
        "ALTER TABLE … ENABLE|DISABLE|ENABLE REPLICA|ENABLE ALWAYS TRIGGER name",
    ),
    "storage": OptionDoc("column", "plain, external, extended, main", "ALTER COLUMN … SET STORAGE"),
    "compression": OptionDoc("column", "pglz, lz4", "ALTER COLUMN … SET COMPRESSION (default to leave it out)"),
    "statistics": OptionDoc(
        "column, definition statistics",
        "number",
        "ALTER COLUMN … SET STATISTICS n (-1) / ALTER STATISTICS … SET STATISTICS",
    ),
    "attoption:<name>": OptionDoc("column", "the value's text", "ALTER COLUMN … SET (name = value) / RESET (name)"),
    "inherited": OptionDoc(
        "column",
        "true: the column comes from a parent only (partition, INHERITS, OF type), and is added and dropped with it",
        "nothing of its own; its default, NOT NULL, comment … are the child's own: ALTER TABLE ONLY child",
    ),
    "not_null_name": OptionDoc(
        "column (18+)",
        "name of the NOT NULL constraint when not <table>_<column>_not_null",
        "ALTER TABLE … RENAME CONSTRAINT",
    ),
    "not_null_no_inherit": OptionDoc("column (18+)", "true", "ALTER TABLE … ALTER CONSTRAINT name [NO] INHERIT"),
    "not_null_not_valid": OptionDoc(
        "column (18+); the column still counts as nullable", "true", "ALTER TABLE … VALIDATE CONSTRAINT name"
    ),
    "not_null_comment": OptionDoc("column (18+)", "text", "COMMENT ON CONSTRAINT name ON table"),
    "sequence": OptionDoc(
        "identity.options", "sequence name when not <table>_<column>_seq", "ALTER SEQUENCE … RENAME TO"
    ),
    "type": OptionDoc("identity.options", "smallint, integer, bigint when not the column's", "ALTER SEQUENCE … AS"),
    "start": OptionDoc("identity.options", "number, when not the default", "ALTER COLUMN … SET START WITH n"),
    "increment": OptionDoc("identity.options", "number, when not 1", "ALTER COLUMN … SET INCREMENT BY n"),
    "min_value": OptionDoc("identity.options", "number, when not the default", "ALTER COLUMN … SET MINVALUE n"),
    "max_value": OptionDoc("identity.options", "number, when not the default", "ALTER COLUMN … SET MAXVALUE n"),
    "cache": OptionDoc("identity.options", "number, when not 1", "ALTER COLUMN … SET CACHE n"),
    "cycle": OptionDoc("identity.options", "true", "ALTER COLUMN … SET [NO] CYCLE"),
    "comment": OptionDoc("identity.options", "comment of the sequence", "COMMENT ON SEQUENCE"),
    "index_comment": OptionDoc("primary_key, unique, exclusion", "comment of the index behind it", "COMMENT ON INDEX"),
    "without_overlaps": OptionDoc("primary_key, unique (18+)", "true", "drop and create"),
    "period": OptionDoc("foreign_key (18+)", "true: the last column is a PERIOD", "drop and create"),
    "delete_columns": OptionDoc(
        "foreign_key (15+)", "quoted columns of ON DELETE SET NULL|DEFAULT (…)", "drop and create"
    ),
    "attached_to": OptionDoc(
        "index, primary_key, unique, exclusion of a partition whose name is not the automatic one",
        "name of the parent's index",
        "create it before the parent's index (which then attaches it); rename to change the name only",
    ),
    "only": OptionDoc("index of a partitioned table", "true: ON ONLY, not attached everywhere", "drop and create"),
    "statistics:<n>": OptionDoc(
        "index", "number for the n-th expression", "ALTER INDEX … ALTER COLUMN n SET STATISTICS"
    ),
    "enabled": OptionDoc(
        "definition trigger, rule, event_trigger",
        "disabled, replica, always; absent = origin",
        "ALTER TABLE … ENABLE|DISABLE TRIGGER|RULE / ALTER EVENT TRIGGER …",
    ),
    "populated": OptionDoc("definition materialized_view", "false: WITH NO DATA", "REFRESH … WITH [NO] DATA"),
    "valid": OptionDoc("definition index", "false: an interrupted build", "drop and create"),
    "comment:<column>": OptionDoc("definition view, materialized_view", "text", "COMMENT ON COLUMN"),
    "acl:<column>": OptionDoc("definition view, materialized_view", "as acl", "GRANT … (column) ON"),
    "default:<column>": OptionDoc("definition view", "expression", "ALTER VIEW … ALTER COLUMN … SET|DROP DEFAULT"),
    "statistics:<column>": OptionDoc(
        "definition materialized_view", "number", "ALTER MATERIALIZED VIEW … ALTER COLUMN … SET STATISTICS"
    ),
    "storage:<column>": OptionDoc(
        "definition materialized_view", "as storage", "ALTER MATERIALIZED VIEW … ALTER COLUMN … SET STORAGE"
    ),
    "compression:<column>": OptionDoc(
        "definition materialized_view", "as compression", "ALTER MATERIALIZED VIEW … ALTER COLUMN … SET COMPRESSION"
    ),
    "attoption:<column>.<name>": OptionDoc(
        "definition materialized_view", "text", "ALTER MATERIALIZED VIEW … ALTER COLUMN … SET (name = value)"
    ),
    "mapping:<token>": OptionDoc(
        "definition ts_configuration", "quoted dictionaries", "ALTER TEXT SEARCH CONFIGURATION … ADD|ALTER|DROP MAPPING"
    ),
    "member:<text>": OptionDoc(
        "definition operator_family",
        "loose member; the name holds the ADD clause, the value the DROP clause",
        "ALTER OPERATOR FAMILY … ADD / DROP",
    ),
    "reference": OptionDoc(
        "definition aggregate, cast, user_mapping, transform, operator …",
        "the words that name it after DROP or COMMENT ON when `reference()` cannot build them from kind and name",
        "not a property",
    ),
    "extension_dependency": OptionDoc(
        "definition function, procedure, trigger, index, materialized_view",
        "extension names",
        "ALTER … DEPENDS ON EXTENSION",
    ),
    "objects": OptionDoc(
        "definition default_privileges", "tables, sequences, functions, types, schemas", "not changeable"
    ),
}
