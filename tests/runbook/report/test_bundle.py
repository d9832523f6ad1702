"""A bundle proves itself without network or database: any byte that was changed is found, and its file named."""

from __future__ import annotations

import hashlib
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from lockgate.errors import ArtifactError
from lockgate.model.codec import encode_pretty
from lockgate.report.bundle import MANIFEST, FileSeal, Manifest, make_manifest, seal_of, verify_bundle, write_bundle
from lockgate.runbook.run_reports import write_run_reports
from tests.runbook.report.journal import RUN, Maker


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    maker = Maker(tmp_path_factory.mktemp("bundle")).green()
    kept = maker.record.keep("out.txt", b"evidence")
    maker.task("1.1", evidence=(kept,))
    maker.record.close()
    write_run_reports(maker.folder)
    return maker.folder


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Path:
    path = folder.parent / "bundle.zip"
    write_bundle(folder, path, make_manifest(folder, RUN, "2026-03-04T00:00:00+00:00", "Ada"))
    return path


def _rewrite(bundle: Path, into: Path, changes: dict[str, bytes | None], more: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(into, "w") as new:
        for name in old.namelist():
            data = changes.get(name, old.read(name)) if name in changes else old.read(name)
            if data is not None:
                new.writestr(name, data)
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return into


def test_a_bundle_holds_everything_and_the_same_folder_gives_the_same_bytes(folder: Path, bundle: Path) -> None:
    verified = verify_bundle(bundle)
    assert verified.problems == ()
    assert verified.manifest is not None
    names = set(verified.manifest.files)
    assert {"journal.jsonl", "lock.json", "report.md", "report.html", "report.json", "report.sarif"} <= names
    assert any(name.startswith("evidence/") for name in names)

    again = bundle.with_name("again.zip")
    write_bundle(folder, again, make_manifest(folder, RUN, "2026-03-04T00:00:00+00:00", "Ada"))
    assert again.read_bytes() == bundle.read_bytes()


def test_one_byte_changed_in_any_file_names_the_file(bundle: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    with zipfile.ZipFile(bundle) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    for name, data in contents.items():
        place = chance.randrange(len(data))
        changed = bytearray(data)
        changed[place] ^= 1
        path = _rewrite(bundle, tmp_path / "changed.zip", {name: bytes(changed)})
        if name == MANIFEST:
            with_problems = _problems(path)
            assert with_problems, (name, place)
            continue
        assert any(problem.startswith(name) for problem in _problems(path)), (name, place)


def _problems(path: Path) -> tuple[str, ...]:
    try:
        return verify_bundle(path).problems
    except ArtifactError as error:
        return (str(error),)


def test_one_bit_flipped_anywhere_in_the_file_never_passes_as_other_content(bundle: Path, tmp_path: Path) -> None:
    chance, data = random.Random(3), bundle.read_bytes()
    with zipfile.ZipFile(bundle) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    for _ in range(200):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path = tmp_path / "flipped.zip"
        path.write_bytes(changed)
        if not _problems(path):
            with zipfile.ZipFile(path) as opened:
                assert {name: opened.read(name) for name in opened.namelist()} == contents


def test_a_file_left_out_or_put_in_is_named(bundle: Path, tmp_path: Path) -> None:
    assert "lock.json: it is missing" in _problems(_rewrite(bundle, tmp_path / "a.zip", {"lock.json": None}))
    extra = _rewrite(bundle, tmp_path / "b.zip", {}, {"evidence/new.txt": b"x"})
    assert "evidence/new.txt: it is not in the manifest" in _problems(extra)


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "a\\..\\b", "C:x"])
def test_a_path_that_leaves_the_bundle_is_a_problem_and_nothing_is_unpacked(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    path = _rewrite(bundle, tmp_path / "slip.zip", {}, {name: b"x"})

    assert any("leaves the bundle" in problem for problem in _problems(path))
    assert [p.name for p in tmp_path.iterdir()] == ["slip.zip"]


def test_a_journal_with_a_changed_entry_is_named_though_all_digests_were_made_anew(
    folder: Path, bundle: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    original = make_manifest(copy, RUN, "2026-03-04T00:00:00+00:00", "Ada")
    journal = copy / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"because"', b'"becausf"', 1))
    with pytest.raises(ArtifactError, match="changed"):
        make_manifest(copy, RUN, "2026-03-04T00:00:00+00:00", "Ada")

    data = journal.read_bytes()
    files = {**original.files, "journal.jsonl": FileSeal(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))}
    forged: Manifest = replace(original, files=files)
    forged = replace(forged, seal=seal_of(forged))
    path = _rewrite(bundle, tmp_path / "forged.zip", {"journal.jsonl": data, MANIFEST: encode_pretty(forged)})
    assert any(problem.startswith("journal.jsonl:") for problem in _problems(path))


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_bundle_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)

    with pytest.raises(ArtifactError, match="no bundle"):
        verify_bundle(path)


def test_a_bundle_that_unpacks_to_too_much_is_refused_before_it_is_read(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lockgate.report.bundle.MOST_IN_ALL", 1000)

    with pytest.raises(ArtifactError, match="no bundle"):
        verify_bundle(bundle)
