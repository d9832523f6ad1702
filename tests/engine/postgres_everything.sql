-- One of everything that inspection must see on PostgreSQL 15; every statement is there for a part of the model.
CREATE SCHEMA app;
CREATE SCHEMA "Odd Name";
COMMENT ON SCHEMA app IS 'the application''s \ schema';
GRANT USAGE ON SCHEMA app TO PUBLIC;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE EXTENSION citext WITH SCHEMA public;
CREATE EXTENSION btree_gist WITH SCHEMA app;
CREATE EXTENSION pg_trgm;
CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy');
COMMENT ON TYPE app.mood IS 'a mood';
REVOKE ALL ON TYPE app.mood FROM PUBLIC;
CREATE FUNCTION app.is_even(n integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT n % 2 = 0; -- even; $$;
CREATE DOMAIN app.even AS integer DEFAULT 2 CONSTRAINT even_nn NOT NULL CONSTRAINT is_even CHECK (app.is_even(VALUE));
COMMENT ON CONSTRAINT is_even ON DOMAIN app.even IS 'really even';
COMMENT ON DOMAIN app.even IS 'even numbers';
CREATE DOMAIN app.code AS varchar(10) COLLATE "C" CHECK (VALUE IN ('a', 'b'));
ALTER DOMAIN app.code ADD CONSTRAINT late CHECK (length(VALUE) > 0) NOT VALID;
CREATE TYPE app.pair AS (a integer, b text COLLATE "C", "C d" numeric(10, 2)[]);
COMMENT ON COLUMN app.pair.a IS 'first';
CREATE TYPE app.floats AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION app.german (provider = libc, locale = 'C');
CREATE SEQUENCE app.counter AS smallint START 5 INCREMENT 5 MINVALUE 5 MAXVALUE 1000 CACHE 3 CYCLE;
CREATE SEQUENCE app.down INCREMENT -1;
CREATE UNLOGGED SEQUENCE app.fleeting;
COMMENT ON SEQUENCE app.counter IS 'counts';
GRANT USAGE ON SEQUENCE app.counter TO PUBLIC;

CREATE TABLE app.customers (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10 CACHE 7) PRIMARY KEY,
    "Email" citext NOT NULL DEFAULT 'x@example.org',
    status varchar(20) CHECK (status IN ('new', 'old', 'it''s')),
    mood app.mood DEFAULT 'happy'::app.mood,
    moods app.mood[] NOT NULL DEFAULT '{}',
    size app.even,
    pair app.pair,
    span app.floats,
    serial_no serial,
    small_no smallserial NOT NULL,
    n integer DEFAULT nextval('app.counter'),
    big text COLLATE "C",
    flags bit varying(5),
    at timestamp(3) with time zone DEFAULT '2020-01-01 00:00:00+02',
    wait interval day to second(2) DEFAULT '1 day 02:00',
    total numeric(12, 4) GENERATED ALWAYS AS (1.5 * 2) STORED,
    twice integer GENERATED ALWAYS AS (small_no * 2) STORED,
    tag char(3) DEFAULT 'a',
    "order" integer,
    CONSTRAINT named_check CHECK (n > 0 AND app.is_even(n)) NO INHERIT,
    CONSTRAINT uq UNIQUE NULLS NOT DISTINCT ("Email", mood) INCLUDE (big) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 70, toast.autovacuum_enabled = false, autovacuum_enabled = off);
ALTER TABLE app.customers ADD CONSTRAINT later CHECK (n < 1000000) NOT VALID;
ALTER TABLE app.customers ALTER COLUMN big SET STORAGE EXTERNAL, ALTER COLUMN big SET STATISTICS 500,
    ALTER COLUMN big SET (n_distinct = -0.5, n_distinct_inherited = 10), ALTER COLUMN big SET COMPRESSION pglz;
ALTER TABLE app.customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
COMMENT ON TABLE app.customers IS 'customers; of course';
COMMENT ON COLUMN app.customers."Email" IS 'where to write';
COMMENT ON CONSTRAINT uq ON app.customers IS 'one each';
COMMENT ON CONSTRAINT named_check ON app.customers IS 'positive';
COMMENT ON INDEX app.uq IS 'the index behind it';
COMMENT ON SEQUENCE app.customers_id_seq IS 'identity';
GRANT SELECT, INSERT ON app.customers TO PUBLIC;
GRANT UPDATE ("Email", mood) ON app.customers TO PUBLIC;
REVOKE TRUNCATE ON app.customers FROM CURRENT_USER;
CREATE INDEX expressions ON app.customers USING btree (lower(big) COLLATE "POSIX" text_pattern_ops DESC NULLS LAST, n NULLS FIRST, (n + 1))
    INCLUDE (mood) WITH (fillfactor = 60, deduplicate_items = off) WHERE status IN ('new', 'old') AND n > 0;
ALTER INDEX app.expressions ALTER COLUMN 1 SET STATISTICS 300;
COMMENT ON INDEX app.expressions IS 'an index';
CREATE INDEX trigrams ON app.customers USING gist (big gist_trgm_ops (siglen = 32));
CREATE INDEX hashed ON app.customers USING hash ("Email");
CREATE INDEX "quoted, (name" ON app.customers ("Email", "order" DESC, (("order" || '),(''"')));
CREATE UNIQUE INDEX identity_index ON app.customers (small_no);
ALTER TABLE app.customers REPLICA IDENTITY USING INDEX identity_index;
ALTER TABLE app.customers CLUSTER ON identity_index;

CREATE UNLOGGED TABLE "Odd Name"."select" ("from" integer PRIMARY KEY, "to" integer, customer bigint,
    a integer, b integer, UNIQUE ("from", "to"));
ALTER TABLE "Odd Name"."select" ADD CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES "Odd Name"."select" ("from", "to") MATCH FULL
    ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "Odd Name"."select" ADD CONSTRAINT fk2 FOREIGN KEY (customer) REFERENCES app.customers ON DELETE RESTRICT NOT VALID;
ALTER TABLE "Odd Name"."select" ADD CONSTRAINT fk3 FOREIGN KEY (a, b) REFERENCES "Odd Name"."select" ("from", "to")
    ON DELETE SET NULL (b);
COMMENT ON CONSTRAINT fk ON "Odd Name"."select" IS 'a key';
CREATE TABLE app.no_columns ();
CREATE TABLE app.bookings (room integer, during tstzrange, cancelled boolean,
    EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT cancelled) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE app.full_identity (a integer); ALTER TABLE app.full_identity REPLICA IDENTITY FULL;
CREATE TABLE app.typed OF app.pair (a WITH OPTIONS DEFAULT 5 NOT NULL, PRIMARY KEY (a));

CREATE TABLE app.base (a integer DEFAULT 1, b text NOT NULL, CONSTRAINT base_check CHECK (a > 0));
CREATE TABLE app.derived (c integer, a integer) INHERITS (app.base);
ALTER TABLE ONLY app.derived ALTER COLUMN b SET DEFAULT 'x', ALTER COLUMN a SET NOT NULL;
CREATE TABLE app.derived2 (CONSTRAINT own CHECK (a < 100)) INHERITS (app.base);

CREATE TABLE app.events (id bigint, at date NOT NULL, kind text, note text, CONSTRAINT kind_check CHECK (kind <> '')) PARTITION BY RANGE (at);
CREATE TABLE app.events_2020 PARTITION OF app.events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE app.events_2021 (note text DEFAULT 'n', id bigint, kind text, at date NOT NULL, CONSTRAINT kind_check CHECK (kind <> ''))
    PARTITION BY LIST (kind);
ALTER TABLE app.events ATTACH PARTITION app.events_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE app.events_2021_a PARTITION OF app.events_2021 FOR VALUES IN ('a', 'b');
CREATE TABLE app.events_2021_rest PARTITION OF app.events_2021 DEFAULT;
CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT;
ALTER TABLE app.events ADD PRIMARY KEY (id, at, kind);
CREATE INDEX own_name ON app.events_2020 (note);
CREATE INDEX events_note ON app.events (note);
CREATE INDEX only_parent ON ONLY app.events (kind);
CREATE INDEX attached ON app.events_2020 (kind);
ALTER INDEX app.only_parent ATTACH PARTITION app.attached;
CREATE INDEX local_index ON app.events_2021_a (id);
CREATE TABLE app.event_notes (id bigint, at date, kind text, FOREIGN KEY (id, at, kind) REFERENCES app.events);
ALTER TABLE app.events ADD COLUMN customer bigint REFERENCES app.customers;

CREATE VIEW app.names AS SELECT c.id, c."Email" AS email, c.mood FROM app.customers c WHERE c.status IN ('new', 'old');
ALTER VIEW app.names SET (security_barrier = true);
ALTER VIEW app.names ALTER COLUMN email SET DEFAULT 'none';
COMMENT ON VIEW app.names IS 'view';
COMMENT ON COLUMN app.names.email IS 'address';
GRANT SELECT ON app.names TO PUBLIC;
GRANT UPDATE (email) ON app.names TO PUBLIC;
CREATE VIEW app.grouped AS SELECT c.id, c.big, count(*) AS n FROM app.customers c GROUP BY c.id;
CREATE VIEW app.checked WITH (check_option = local, security_invoker = true) AS SELECT * FROM app.names WHERE id > 5;
CREATE MATERIALIZED VIEW app.summary WITH (fillfactor = 50) AS SELECT mood, count(*) AS n FROM app.names GROUP BY mood;
CREATE UNIQUE INDEX summary_mood ON app.summary (mood);
CREATE INDEX summary_n ON app.summary ((n + 1)) WITH (fillfactor = 40);
ALTER MATERIALIZED VIEW app.summary CLUSTER ON summary_mood;
ALTER MATERIALIZED VIEW app.summary ALTER COLUMN n SET STATISTICS 77;
COMMENT ON MATERIALIZED VIEW app.summary IS 'sum';
COMMENT ON INDEX app.summary_n IS 'by n';
CREATE MATERIALIZED VIEW app.empty AS SELECT * FROM app.summary WITH NO DATA;

CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    NEW.n := 1; -- ';' in a comment
    RETURN NEW;
END
$fn$;
CREATE FUNCTION app.all_names(OUT a text, b integer DEFAULT 1, VARIADIC c text[] DEFAULT '{}') RETURNS SETOF text
    LANGUAGE sql STABLE STRICT SECURITY DEFINER COST 50 ROWS 5 PARALLEL SAFE SET search_path TO app, 'Odd Name'
    AS 'SELECT email::text FROM app.names';
CREATE FUNCTION app.atomic(x integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC
    SELECT CASE WHEN x > 0 THEN count(*) ELSE 0 END FROM app.customers;
END;
CREATE FUNCTION app.rows() RETURNS SETOF app.customers LANGUAGE sql AS 'SELECT * FROM app.customers';
CREATE FUNCTION app.table_fn() RETURNS TABLE(a integer, b app.mood) LANGUAGE sql AS $$ SELECT 1, 'sad'::app.mood $$;
CREATE PROCEDURE app.work(INOUT a integer, b app.customers) LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$;
COMMENT ON FUNCTION app.touch() IS 'touches';
COMMENT ON PROCEDURE app.work IS 'works';
REVOKE EXECUTE ON FUNCTION app.is_even FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE app.work TO PUBLIC;
CREATE FUNCTION app.late_default() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM app.uses_late); END';
CREATE TABLE app.uses_late (a integer DEFAULT app.late_default());
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = safe);
COMMENT ON AGGREGATE app.total(integer) IS 'adds';
CREATE AGGREGATE app.half(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
    FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF n, "Email" ON app.customers FOR EACH ROW WHEN (NEW.n > 0) EXECUTE FUNCTION app.touch('a', 'b''c');
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.customers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.customers DISABLE TRIGGER touch;
ALTER TABLE app.customers ENABLE ALWAYS TRIGGER late;
COMMENT ON TRIGGER touch ON app.customers IS 'trig';
CREATE TRIGGER stamp BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.events_2020 DISABLE TRIGGER stamp;
CREATE TRIGGER instead INSTEAD OF INSERT ON app.names FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE RULE no_delete AS ON DELETE TO app.customers WHERE old.n > 5 DO INSTEAD NOTHING;
ALTER TABLE app.customers DISABLE RULE no_delete;
COMMENT ON RULE no_delete ON app.customers IS 'kept';
CREATE POLICY own_rows ON app.customers AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (n > 0) WITH CHECK (status IN ('new', 'old'));
CREATE POLICY everybody ON app.customers USING (true);
COMMENT ON POLICY own_rows ON app.customers IS 'policy';
CREATE STATISTICS app.corr (dependencies, mcv) ON n, small_no FROM app.customers;
CREATE STATISTICS app.expr ON (n + 1), mood FROM app.customers;
ALTER STATISTICS app.corr SET STATISTICS 99;
COMMENT ON STATISTICS app.corr IS 'stats';
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watcher ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.on_ddl();
ALTER EVENT TRIGGER watcher DISABLE;
COMMENT ON EVENT TRIGGER watcher IS 'watches';
CREATE FUNCTION app.pair_eq(app.pair, app.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE OPERATOR app.=== (FUNCTION = app.pair_eq, LEFTARG = app.pair, RIGHTARG = app.pair, COMMUTATOR = OPERATOR(app.===));
COMMENT ON OPERATOR app.=== (app.pair, app.pair) IS 'same';
CREATE FUNCTION app.to_int(app.mood) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE CAST (app.mood AS integer) WITH FUNCTION app.to_int(app.mood) AS ASSIGNMENT;
COMMENT ON CAST (app.mood AS integer) IS 'cast';
CREATE FUNCTION app.abs_lt(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1) < abs($2)';
CREATE FUNCTION app.abs_cmp(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT abs($1) - abs($2)';
CREATE OPERATOR app.|<| (FUNCTION = app.abs_lt, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR CLASS app.abs_ops FOR TYPE integer USING btree AS OPERATOR 1 app.|<|, FUNCTION 1 app.abs_cmp(integer, integer);
CREATE OPERATOR FAMILY app.loose USING btree;
ALTER OPERATOR FAMILY app.loose USING btree ADD OPERATOR 1 app.|<| (integer, integer), FUNCTION 1 (integer, integer) app.abs_cmp(integer, integer);
CREATE INDEX by_abs ON app.full_identity USING btree (a app.abs_ops);
CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple, STOPWORDS = 'english');
CREATE TEXT SEARCH CONFIGURATION app.search (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword, word WITH app.dict, simple;
COMMENT ON TEXT SEARCH CONFIGURATION app.search IS 'search';
CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (debug 'true');
CREATE SERVER remote TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER wrapper OPTIONS (host 'a''b', "Odd" 'c');
CREATE USER MAPPING FOR CURRENT_USER SERVER remote OPTIONS (secret 'x');
CREATE FOREIGN TABLE app.far (a integer OPTIONS (column_name 'A') NOT NULL, b text DEFAULT 'x', CONSTRAINT c CHECK (a > 0))
    SERVER remote OPTIONS (table_name 'T');
COMMENT ON FOREIGN TABLE app.far IS 'far away';
GRANT USAGE ON FOREIGN SERVER remote TO PUBLIC;
CREATE PUBLICATION several FOR TABLE app.customers (id, n) WHERE (id > 5), TABLE ONLY app.base WITH (publish = 'insert');
CREATE PUBLICATION by_schema FOR TABLES IN SCHEMA "Odd Name", TABLE app.derived WITH (publish_via_partition_root = true);
CREATE PUBLICATION pub_all FOR ALL TABLES;
COMMENT ON PUBLICATION several IS 'pub';
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE CONVERSION app.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
ALTER FUNCTION app.table_fn() DEPENDS ON EXTENSION citext;
ALTER INDEX app.hashed DEPENDS ON EXTENSION citext;
ALTER TRIGGER touch ON app.customers DEPENDS ON EXTENSION citext;
ALTER MATERIALIZED VIEW app.empty DEPENDS ON EXTENSION citext;
