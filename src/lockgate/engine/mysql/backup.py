"""How MySQL and MariaDB are backed up: their own dump programs on one shared snapshot; see the modules beside it."""

from __future__ import annotations

import re
from shlex import quote

from lockgate.engine.backup import BackupDialect
from lockgate.engine.mysql.backup_facts import check, read_facts
from lockgate.engine.mysql.backup_load import load, open_server
from lockgate.engine.mysql.backup_look import preflight
from lockgate.engine.mysql.backup_moment import open_snapshot
from lockgate.engine.mysql.backup_same import fingerprint
from lockgate.engine.mysql.lexer import quote_name, quote_string, unquote_name
from lockgate.model.backup import Manifest, StoredFile

_SETTINGS = (("character_set_database", "CHARACTER SET"), ("collation_database", "COLLATE"))
_ACCOUNT = re.compile(r"`(?:[^`]|``)*`")
_OPTIONS = (
    "--binary-mode --max-allowed-packet=1G --default-character-set=utf8mb4"
    " --init-command='SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0'"
)


def backup() -> BackupDialect:
    """Return how MySQL and MariaDB databases are backed up."""
    return BackupDialect(
        preflight=preflight,
        open_snapshot=open_snapshot,
        read_facts=read_facts,
        commands=commands,
        open_server=open_server,
        load=load,
        check=check,
        fingerprint=fingerprint,
    )


def commands(manifest: Manifest) -> tuple[str, ...]:
    """Return the commands that restore a backup into a new database of its name; bash runs them as they are.

    ``MYSQL_OPTS`` and ``AGE_KEY`` may be set by who runs them.
    """
    client = "mariadb" if manifest.flavor == "mariadb" else "mysql"
    by_role = {
        role: sorted((file for file in manifest.files if file.role == role), key=lambda file: file.path)
        for role in ("schema", "rows", "programs")
    }
    defaults = dict(manifest.server_settings)
    words = "".join(f" {word} {defaults[name]}" for name, word in _SETTINGS if defaults.get(name))
    lines = [
        "( set -e -o pipefail    # any error ends it",
        "sha256sum --quiet -c SHA256SUMS",
        ': "${MYSQL_OPTS:=--defaults-file=$HOME/.my.cnf}"    # how to connect',
        f"DATABASE={quote(manifest.database)}    # must not be there yet",
    ]
    if manifest.is_encrypted:
        lines.append(': "${AGE_KEY:=$HOME/age.key}"    # the file with the private key')
    lines += [
        f'load() {{ {client} $MYSQL_OPTS {_OPTIONS} "$DATABASE"; }}',
        f'{client} $MYSQL_OPTS --execute="CREATE DATABASE \\`$DATABASE\\`{words}"',
        *(_make_account(client, manifest.database, account) for account in manifest.roles[1:] if "@" in account),
        *(f"{_decode(file, quote(file.path))} | load" for file in by_role["schema"]),
    ]
    if by_role["rows"]:
        first = by_role["rows"][0]
        ending = first.path[first.path.rindex(".sql") :]
        decode = _decode(first, '"$file"')
        lines.append(f"for file in rows/*{ending}; do {decode} | load; done")
    lines += [f"{_decode(file, quote(file.path))} | load" for file in by_role["programs"]]
    return (*lines, ")")


def _make_account(client: str, database: str, account: str) -> str:
    """Return a command that makes who is named as a definer, without a login, on a server where they are unknown.

    A view over their view could not be made otherwise.
    """
    name, host = map(unquote_name, _ACCOUNT.findall(account))
    level = quote_name(database.replace("_", "\\_").replace("%", "\\%"))
    make = f"CREATE USER {account} ACCOUNT LOCK; GRANT ALL ON {level}.* TO {account};"
    missing = f"NOT EXISTS (SELECT 1 FROM mysql.user WHERE User = {quote_string(name)} AND Host = {quote_string(host)})"
    ask = quote(f"SELECT {quote_string(make)} FROM (SELECT 1) AS one WHERE {missing}")
    return f"{client} $MYSQL_OPTS --batch --raw --skip-column-names --execute={ask} | {client} $MYSQL_OPTS"


def _decode(file: StoredFile, path: str) -> str:
    """Return the commands that print a stored file plain; ``path`` as a shell reads it."""
    if not file.is_encrypted and not file.is_compressed:
        return f"cat {path}"
    program = "gzip" if file.path.removesuffix(".age").endswith(".gz") else "zstd"
    if not file.is_encrypted:
        return f"{program} -dcq {path}"
    decrypt = f'age -d -i "$AGE_KEY" {path}'
    return f"{decrypt} | {program} -dcq" if file.is_compressed else decrypt
