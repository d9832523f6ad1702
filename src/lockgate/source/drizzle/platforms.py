"""What drizzle-orm knows of Supabase and Neon: their roles and tables, and shorthands for policies."""

from __future__ import annotations

from lockgate.source.drizzle.column_types import POSTGRES
from lockgate.source.drizzle.columns import Builder
from lockgate.source.drizzle.pg_objects import Policy, Role
from lockgate.source.drizzle.sqltext import Sql, Text
from lockgate.source.drizzle.tables import Table, make_table
from lockgate.source.drizzle.values import UNDEFINED, Arr, Native, Obj, Place, Unknown, Value, is_nullish, text_of

_SUPABASE_ROLES = {
    "anonRole": "anon",
    "authenticatedRole": "authenticated",
    "serviceRole": "service_role",
    "postgresRole": "postgres_role",
    "supabaseAuthAdminRole": "supabase_auth_admin",
}
_NEON_ROLES = {"authenticatedRole": "authenticated", "anonymousRole": "anonymous"}
_AUTH_USERS = {
    "id": ("id", "uuid"),
    "email": ("email", "varchar"),
    "phone": ("phone", "text"),
    "emailConfirmedAt": ("email_confirmed_at", "timestamp"),
    "phoneConfirmedAt": ("phone_confirmed_at", "timestamp"),
    "lastSignInAt": ("last_sign_in_at", "timestamp"),
    "createdAt": ("created_at", "timestamp"),
    "updatedAt": ("updated_at", "timestamp"),
}
_REALTIME_MESSAGES = {"id": ("id", "bigserial"), "topic": ("topic", "text"), "extension": ("extension", "text")}


def supabase() -> dict[str, Value]:
    """Return the exports of drizzle-orm/supabase."""
    place = Place("drizzle-orm/supabase", 1)
    return {
        **_roles(_SUPABASE_ROLES, place),
        "authUsers": _table("users", "auth", _AUTH_USERS, place),
        "realtimeMessages": _table("messages", "realtime", _REALTIME_MESSAGES, place),
        "authUid": Sql([Text("(select auth.uid())")]),
        "realtimeTopic": Sql([Text("realtime.topic()")]),
    }


def neon() -> dict[str, Value]:
    """Return the exports of drizzle-orm/neon."""
    return {
        **_roles(_NEON_ROLES, Place("drizzle-orm/neon", 1)),
        "crudPolicy": Native("crudPolicy", crud_policies),
        "authUid": Native("authUid", _neon_uid),
    }


def _roles(names: dict[str, str], place: Place) -> dict[str, Value]:
    return {name: Role(role, UNDEFINED, place, is_existing=True) for name, role in names.items()}


def _table(name: str, schema: str, columns: dict[str, tuple[str, str]], place: Place) -> Table:
    """Make a table that the platform has: a schema refers to it and never creates it."""
    builders = {
        key: Builder(POSTGRES, POSTGRES.kinds[kind], column, {}, place) for key, (column, kind) in columns.items()
    }
    return make_table(POSTGRES, name, schema, Obj(builders), UNDEFINED, place)


def _neon_uid(args: list[Value], place: Place) -> Value:
    return Sql([Text("(select auth.user_id() = "), args[0] if args else UNDEFINED, Text(")")])


def crud_policies(args: list[Value], place: Place) -> Value:
    """Make the policies of ``crudPolicy`` of drizzle-orm/neon: one to read, three to change."""
    options = args[0] if args else UNDEFINED
    if not isinstance(options, Obj):
        return options if isinstance(options, Unknown) else Unknown("`crudPolicy` takes an object", place)
    if options.holes:
        return options.holes[0]
    roles = options.get("role", UNDEFINED)
    given = roles if isinstance(roles, list) else [roles]
    unknown = next((role for role in given if isinstance(role, Unknown)), None)
    if unknown is not None:
        return unknown
    name = "-".join(role.name if isinstance(role, Role) else text_of(role) for role in given)
    read, modify = (_condition(options.get(key, UNDEFINED)) for key in ("read", "modify"))
    parts = [("select", read, UNDEFINED), ("insert", UNDEFINED, modify)]
    parts += [("update", modify, modify), ("delete", modify, UNDEFINED)]
    return Arr(
        Policy(f"crud-{name}-policy-{verb}", Obj({"for": verb, "to": roles, "using": using, "withCheck": check}), place)
        for verb, using, check in parts
        if not (is_nullish(using) and is_nullish(check))
    )


def _condition(value: Value) -> Value:
    return Sql([Text(text_of(value))]) if isinstance(value, bool) else value
