"""Back up a PostgreSQL database with pg_dump, at one moment that our own sessions share; load it with pg_restore."""

from __future__ import annotations

import shlex

from lockgate.engine.backup import BackupDialect
from lockgate.engine.postgres.backup_database import FILE as DATABASE_FILE
from lockgate.engine.postgres.backup_dump import FOLDER, open_snapshot
from lockgate.engine.postgres.backup_facts import read_facts
from lockgate.engine.postgres.backup_load import check, load, open_server
from lockgate.engine.postgres.backup_preflight import preflight
from lockgate.engine.postgres.backup_same import settled_fingerprint
from lockgate.model.backup import BackupKind, Manifest

_KEYS = "^[0-9]+; [0-9]+ [0-9]+ (FK )?(CONSTRAINT|INDEX) "
_OPENERS = {"zstd": ("zst", "zstd -d -q --rm"), "gzip": ("gz", "gunzip")}


def backup() -> BackupDialect:
    """Return how PostgreSQL databases are backed up."""
    return BackupDialect(
        preflight=preflight,
        open_snapshot=open_snapshot,
        read_facts=read_facts,
        commands=commands,
        open_server=open_server,
        load=load,
        check=check,
        fingerprint=settled_fingerprint,
    )


def commands(manifest: Manifest) -> tuple[str, ...]:
    """Return the stock commands that restore a backup, run in its own folder; they work in a folder beside it."""
    database = shlex.quote(manifest.database)
    lines = ["sha256sum -c SHA256SUMS", "restore=$(mktemp -d)", *_unpack(manifest)]
    if any(file.path.startswith("globals.sql") for file in manifest.files):
        lines += ["", "# Once, on a server that lacks the roles and tablespaces (errors for those it has do no harm):"]
        lines += ['psql -d postgres -f "$restore/globals.sql"']
    lines += ["", "# Into an empty database; name the server with -h, -p and -U or in PGHOST, PGPORT and PGUSER:"]
    lines += [_createdb(manifest, database)]
    if manifest.kind is BackupKind.TABLES:
        restore = f"pg_restore --exit-on-error -d {database}"
        lines += [
            "# Keys before the rows, and as a replica: they may refer to tables whose rows are not in it.",
            f'pg_restore -l "$restore/{FOLDER}" > "$restore/all"',
            f'grep -E "{_KEYS}" "$restore/all" > "$restore/keys"; grep -vE "{_KEYS}" "$restore/all" > "$restore/rest"',
            f'{restore} --section=pre-data "$restore/{FOLDER}"',
            f'{restore} --section=post-data -L "$restore/keys" "$restore/{FOLDER}"',
            f'PGOPTIONS="-c session_replication_role=replica" {restore} --data-only "$restore/{FOLDER}"',
            f'{restore} --section=post-data -L "$restore/rest" "$restore/{FOLDER}"',
        ]
    else:
        lines += [f'pg_restore --exit-on-error -j 2 -d {database} "$restore/{FOLDER}"']
    return (*lines, f'psql -v ON_ERROR_STOP=1 -d {database} -f "$restore/{DATABASE_FILE}"', 'rm -r "$restore"')


def _unpack(manifest: Manifest) -> list[str]:
    """Write the lines that put the plain files into ``$restore``."""
    suffix, opener = _OPENERS.get(manifest.compression, ("", ""))
    lines = []
    if manifest.is_encrypted:
        lines += [
            f'mkdir "$restore/{FOLDER}"',
            f"for file in {FOLDER}/*.age *.sql*.age; do",
            '  age -d -i KEY_FILE -o "$restore/${file%.age}" "$file" || break',
            "done",
        ]
    else:
        lines += [f'cp -R {FOLDER} *.sql* "$restore/"']
    if opener:
        lines += [f'{opener} "$restore"/{FOLDER}/*.{suffix} "$restore"/*.{suffix}']
    return lines


def _createdb(manifest: Manifest, database: str) -> str:
    settings = dict(manifest.server_settings)
    words = ["createdb", "-T template0", f"-E {settings.get('encoding', 'UTF8')}"]
    for option, name in (("--lc-collate", "collate"), ("--lc-ctype", "ctype")):
        if name in settings:
            words.append(f"{option}={shlex.quote(settings[name])}")
    provider = settings.get("locale_provider", "libc")
    if provider != "libc":
        words.append(f"--locale-provider={provider}")
        if provider == "icu" and "provider_locale" in settings:
            words.append(f"--icu-locale={shlex.quote(settings['provider_locale'])}")
    return " ".join([*words, database])
