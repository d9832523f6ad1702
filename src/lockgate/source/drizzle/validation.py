"""The lists of values that schemas take from libraries for validation: ``z.enum([…]).options``."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.source.drizzle.values import UNDEFINED, Arr, Entity, Native, Obj, Place, Unknown, Value, find_unknown

_ZOD = ("zod", "zod/v3", "zod/v4", "zod/mini", "zod/v4-mini", "@hono/zod-openapi")


@dataclass(eq=False)
class Choice(Entity):
    """``z.enum`` or ``v.picklist``: values by key; ``source`` is what it was made of."""

    entries: Obj
    source: Value

    def member(self, name: str, place: Place) -> Value:
        """Return the values in one of the forms that are offered, or the choice with fewer values."""
        match name:
            case "options":
                return Arr(self.entries.values())
            case "enum" | "Enum" | "Values":
                return Obj(self.entries)
            case "extract" | "exclude":
                return Native(name, lambda args, at: self._part(args, name == "extract", at))
            case "describe" | "meta" | "brand":
                return Native(name, lambda args, at: self)
        return Unknown(f"`.{name}` of an enum of a validation library is not read", place)

    def _part(self, args: list[Value], is_kept: bool, place: Place) -> Value:
        names = args[0] if args else UNDEFINED
        if not isinstance(names, list) or find_unknown(names) is not None:
            return find_unknown(names) or Unknown("the values that are picked here are not known", place)
        return _choice([Obj({k: v for k, v in self.entries.items() if (k in names) is is_kept})], place)


def _choice(args: list[Value], place: Place) -> Value:
    given = args[0] if args else UNDEFINED
    unknown = find_unknown(given)
    if unknown is not None:
        return unknown
    if isinstance(given, list):
        return Choice(Obj({str(item): item for item in given}), given)
    if isinstance(given, Obj):
        numbers = {key for key in given if key.isdigit() and given[key] in given}
        return Choice(Obj({key: value for key, value in given.items() if key not in numbers}), given)
    return Unknown("the values of this enum are not known", place)


class Library(Entity):
    """A library as one name: ``z``."""

    def __init__(self, name: str, members: dict[str, Value]) -> None:
        self.name, self.members = name, members

    def member(self, name: str, place: Place) -> Value:
        """Return a function that is known."""
        return self.members.get(name) or Unknown(f"`{self.name}.{name}` is not read", place)


def validation_packages() -> dict[str, dict[str, Value]]:
    """Return the exports of zod and valibot, by import source."""
    zod: dict[str, Value] = {name: Native(f"z.{name}", _choice) for name in ("enum", "nativeEnum")}
    library = Library("z", zod)
    valibot: dict[str, Value] = {name: Native(f"v.{name}", _choice) for name in ("picklist", "enum", "enum_")}
    packages: dict[str, dict[str, Value]] = {source: {**zod, "z": library, "default": library} for source in _ZOD}
    return {**packages, "valibot": valibot}
