"""Stored backups that are not what they were: bytes flipped, cut, gone, exchanged; manifests that lie."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from lockgate.backup.manifest import GUIDE, NAME, SUMS, read_manifest, write_manifest
from lockgate.model.backup import Manifest, TableFacts, seal_manifest

Damage = Callable[[Path, random.Random], str]
"""Damage the folder of a backup; say what was done."""


def data_files(folder: Path) -> list[Path]:
    """Return the files that hold data, the biggest first."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name not in (NAME, SUMS, GUIDE)]
    return sorted(found, key=lambda path: (-path.stat().st_size, path))


def _pick(folder: Path, chance: random.Random) -> Path:
    """Choose one data file; the biggest as often as all others."""
    files = data_files(folder)
    return files[0] if chance.random() < 0.5 else chance.choice(files)


def _flip(place: Path, offset: int, chance: random.Random) -> str:
    data = bytearray(place.read_bytes())
    bit = chance.randrange(8)
    data[offset] ^= 1 << bit
    place.write_bytes(data)
    return f"bit {bit} of byte {offset} of {len(data)} in {place.name}"


def flip_data(folder: Path, chance: random.Random) -> str:
    """Flip a bit anywhere in a data file."""
    place = _pick(folder, chance)
    return _flip(place, chance.randrange(place.stat().st_size), chance)


def flip_head(folder: Path, chance: random.Random) -> str:
    """Flip a bit in the first bytes: the frame of the compressor, or the header of the encryption."""
    place = _pick(folder, chance)
    return _flip(place, chance.randrange(min(220, place.stat().st_size)), chance)


def flip_tail(folder: Path, chance: random.Random) -> str:
    """Flip a bit in the last bytes: the check sum of the compressor's frame."""
    place = _pick(folder, chance)
    size = place.stat().st_size
    return _flip(place, size - 1 - chance.randrange(min(24, size)), chance)


def _flip_named(name: str) -> Damage:
    def flip(folder: Path, chance: random.Random) -> str:
        return _flip(folder / name, chance.randrange((folder / name).stat().st_size), chance)

    flip.__doc__ = f"Flip a bit of {name}."
    return flip


def cut(folder: Path, chance: random.Random) -> str:
    """Cut a data file anywhere, to nothing as well."""
    place = _pick(folder, chance)
    size = chance.randrange(place.stat().st_size)
    place.write_bytes(place.read_bytes()[:size])
    return f"{place.name} cut to {size} bytes"


def cut_manifest(folder: Path, chance: random.Random) -> str:
    """Cut the manifest or the list of sums."""
    place = folder / chance.choice((NAME, SUMS))
    size = chance.randrange(place.stat().st_size)
    place.write_bytes(place.read_bytes()[:size])
    return f"{place.name} cut to {size} bytes"


def lose(folder: Path, chance: random.Random) -> str:
    """Remove a file, the manifest too."""
    place = chance.choice([*data_files(folder), folder / NAME, folder / SUMS])
    place.unlink()
    return f"{place.name} is gone"


def lengthen(folder: Path, chance: random.Random) -> str:
    """Add bytes to the end of a data file."""
    place = _pick(folder, chance)
    extra = chance.randbytes(1 + chance.randrange(400))
    with place.open("ab") as file:
        file.write(extra)
    return f"{len(extra)} bytes more in {place.name}"


def zero_block(folder: Path, chance: random.Random) -> str:
    """Make a stretch of a data file zeros, as a disk does that lost a block."""
    place = data_files(folder)[0]
    data = bytearray(place.read_bytes())
    start = chance.randrange(max(1, len(data) - 512))
    data[start : start + 512] = bytes(len(data[start : start + 512]))
    place.write_bytes(data)
    return f"zeros from {start} in {place.name}"


def exchange(folder: Path, chance: random.Random) -> str:
    """Exchange two data files."""
    one, other = data_files(folder)[:2]
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)
    return f"{one.name} and {other.name} exchanged"


def _rewrite(folder: Path, manifest: Manifest) -> None:
    """Write a manifest with a good seal, and the sums that go with it."""
    for name in (NAME, SUMS, GUIDE):
        (folder / name).unlink()
    write_manifest(folder, seal_manifest(manifest))


def lie_about_rows(folder: Path, chance: random.Random) -> str:
    """Let the manifest tell another number of rows, with a seal that fits."""
    manifest = read_manifest(folder)
    number = chance.randrange(len(manifest.tables))
    fact = manifest.tables[number]
    lie = msgspec.structs.replace(fact, rows=fact.rows + chance.choice((-1, 1, 1000)))
    _rewrite(folder, msgspec.structs.replace(manifest, tables=_with(manifest, number, lie)))
    return f"{fact.table}: {lie.rows} rows, truly {fact.rows}"


def lie_about_sums(folder: Path, chance: random.Random) -> str:
    """Let the manifest tell another check sum of a table's rows; where there is none, another number."""
    manifest = read_manifest(folder)
    numbers = [n for n, fact in enumerate(manifest.tables) if fact.checksum and fact.rows]
    if not numbers:
        return lie_about_rows(folder, chance)
    number = chance.choice(numbers)
    fact = manifest.tables[number]
    digit = "1" if fact.checksum[-1] != "1" else "2"
    lie = msgspec.structs.replace(fact, checksum=fact.checksum[:-1] + digit)
    _rewrite(folder, msgspec.structs.replace(manifest, tables=_with(manifest, number, lie)))
    return f"{fact.table}: sum {lie.checksum}, truly {fact.checksum}"


def lie_about_a_table(folder: Path, chance: random.Random) -> str:
    """Let the manifest name a table that is not there."""
    manifest = read_manifest(folder)
    extra = msgspec.structs.replace(manifest.tables[0], table=manifest.tables[0].table + "_gone")
    _rewrite(folder, msgspec.structs.replace(manifest, tables=(*manifest.tables, extra)))
    return f"a table {extra.table} that nobody dumped"


def lie_about_schema(folder: Path, chance: random.Random) -> str:
    """Let the manifest tell the fingerprint of another schema."""
    manifest = read_manifest(folder)
    _rewrite(folder, msgspec.structs.replace(manifest, fingerprint=manifest.fingerprint[::-1]))
    return "another fingerprint"


def rename_folder(folder: Path, chance: random.Random) -> str:
    """Put the folder under a newer backup's name."""
    name = f"{folder.name[:17]}{int(folder.name[17:21]) + 5:04}{folder.name[21:]}"
    folder.rename(folder.with_name(name))
    return f"renamed to {name}"


def empty_folder(folder: Path, chance: random.Random) -> str:
    """Leave nothing but the folder."""
    for item in folder.iterdir():
        shutil.rmtree(item) if item.is_dir() else item.unlink()
    return "the folder is empty"


def _with(manifest: Manifest, number: int, fact: TableFacts) -> tuple[TableFacts, ...]:
    return (*manifest.tables[:number], fact, *manifest.tables[number + 1 :])


BYTES: dict[str, Damage] = {
    "bit flipped in data": flip_data,
    "bit flipped in a head": flip_head,
    "bit flipped in a tail": flip_tail,
    "bit flipped in the manifest": _flip_named(NAME),
    "bit flipped in SHA256SUMS": _flip_named(SUMS),
    "bit flipped in RESTORE.txt": _flip_named(GUIDE),
    "data cut": cut,
    "manifest cut": cut_manifest,
    "file lost": lose,
    "file too long": lengthen,
    "block of zeros": zero_block,
    "files exchanged": exchange,
    "folder renamed": rename_folder,
    "folder emptied": empty_folder,
}
"""What the comparison of checksums must find."""

LIES: dict[str, Damage] = {
    "rows told wrong": lie_about_rows,
    "sums told wrong": lie_about_sums,
    "table told wrong": lie_about_a_table,
    "schema told wrong": lie_about_schema,
}
"""What only a test restore can find."""
