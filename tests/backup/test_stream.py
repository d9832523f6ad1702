"""Files of backups: what is written comes back, and no changed byte goes unnoticed."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pyrage
import pytest

from lockgate.backup.age import load_identities
from lockgate.backup.read import PlainReader
from lockgate.backup.stream import Coding, write_stored
from lockgate.errors import BackupDamaged, BackupFailed, ConfigError, KeyMissing
from lockgate.model.backup import StoredFile

IDENTITY = pyrage.x25519.Identity.generate()
OTHER = pyrage.x25519.Identity.generate()
CODINGS = {
    "zstd": Coding(),
    "zstd threads": Coding(threads=2),
    "gzip": Coding("gzip"),
    "none": Coding("none"),
    "zstd age": Coding(recipients=(str(IDENTITY.to_public()),)),
    "none age": Coding("none", recipients=(str(IDENTITY.to_public()), str(OTHER.to_public()))),
}
PLAIN = b"INSERT INTO orders VALUES (1, 'a');\n" * 20_000 + os.urandom(300_000)


def write(folder: Path, coding: Coding, data: bytes = PLAIN) -> StoredFile:
    """Write one file in pieces."""
    found: list[StoredFile] = []
    with write_stored(folder, "rows/001.t.sql", "rows", ("t",), coding, lambda count: None, found.append) as sink:
        for start in range(0, len(data), 70_001):
            sink.write(data[start : start + 70_001])
    return found[0]


def read(folder: Path, file: StoredFile, *identities: object) -> bytes:
    """Read it back to its end."""
    with PlainReader(folder / file.path, file, identities) as reader:
        return io.BufferedReader(reader).read()


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
def test_what_is_written_comes_back(tmp_path: Path, coding: Coding) -> None:
    for data in (PLAIN, b"", b"x"):
        folder = tmp_path / str(len(data))
        file = write(folder, coding, data)
        assert (folder / file.path).stat().st_size == file.bytes
        assert (folder / file.path).stat().st_mode & 0o777 == 0o600
        assert read(folder, file, IDENTITY) == data


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
def test_any_changed_byte_and_any_cut_is_found(tmp_path: Path, coding: Coding) -> None:
    file = write(tmp_path, coding)
    place = tmp_path / file.path
    good = place.read_bytes()
    spots = [0, 3, 40, 200, file.bytes // 2, file.bytes - 40, file.bytes - 2, file.bytes - 1]
    for spot in spots:
        place.write_bytes(good[:spot] + bytes([good[spot] ^ 0x10]) + good[spot + 1 :])
        with pytest.raises((BackupDamaged, KeyMissing)):
            read(tmp_path, file, IDENTITY)
    for end in (0, 1, file.bytes // 2, file.bytes - 1):
        place.write_bytes(good[:end])
        with pytest.raises(BackupDamaged):
            read(tmp_path, file, IDENTITY)
    place.write_bytes(good + b"\0")
    with pytest.raises(BackupDamaged):
        read(tmp_path, file, IDENTITY)
    place.unlink()
    with pytest.raises(BackupDamaged):
        read(tmp_path, file, IDENTITY)


def test_a_key_that_is_missing_or_wrong_says_so(tmp_path: Path) -> None:
    file = write(tmp_path, CODINGS["zstd age"])
    with pytest.raises(KeyMissing, match="no key was given"):
        read(tmp_path, file)
    with pytest.raises(KeyMissing, match="no given key fits"):
        read(tmp_path, file, OTHER)
    with pytest.raises(KeyMissing, match="holds no age key"):
        load_identities("# nothing here\n", "key.txt")
    with pytest.raises(ConfigError, match="is no age recipient"):
        write(tmp_path / "x", Coding(recipients=("age1nonsense",)))
    assert load_identities(f"# created\n{IDENTITY}\n", "key.txt")


@pytest.mark.parametrize("name", ["zstd", "zstd age"])
def test_a_failure_in_the_middle_leaves_no_file(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(RuntimeError),
        write_stored(tmp_path, "t.sql", "rows", (), CODINGS[name], lambda count: None, lambda file: None) as sink,
    ):
        sink.write(PLAIN)
        raise RuntimeError
    assert not any(tmp_path.iterdir())


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path, Coding())
    with pytest.raises(BackupFailed, match="cannot be written"):
        write(tmp_path, Coding())


def test_the_stock_zstd_reads_it_and_checks_it(tmp_path: Path) -> None:
    file = write(tmp_path, Coding())
    done = subprocess.run(["zstd", "-dc", tmp_path / file.path], capture_output=True, check=True)
    assert done.stdout == PLAIN
    place = tmp_path / file.path
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)
    assert subprocess.run(["zstd", "-t", place], capture_output=True).returncode != 0
