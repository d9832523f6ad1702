"""Pruning in a store: by the rules of home, never while something speaks against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import KeepSettings
from lockgate.backup.stores.base import Store
from lockgate.backup.stores.claim import claim
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.read import list_backups
from lockgate.backup.stores.upload import put_backup
from lockgate.model.backup import Level, Verification
from lockgate.workflow.prune_store import prune_store
from tests.backup.stores.conftest import publish_backup

KEEP = KeepSettings(last=2, daily=0, weekly=0, monthly=0, yearly=0, minimum=1)


@pytest.fixture
def home(tmp_path: Path) -> Repository:
    """A repository."""
    return Repository(tmp_path / "shop")


@pytest.fixture
def away(tmp_path: Path) -> Store:
    """A second folder."""
    (tmp_path / "second").mkdir()
    return open_store(str(tmp_path / "second"), Place({}, tmp_path))


def take(home: Repository, away: Store, count: int) -> list[Backup]:
    """Publish backups and copy them."""
    made = []
    for number in range(count):
        made.append(publish_backup(home.root, (100,), seed=number + 1))
        put_backup(away, "shop", made[-1], lambda text: None)
    return made


def none(there: object) -> dict[str, str]:
    """Say that nothing is needed."""
    return {}


def ids(away: Store, home: Repository) -> list[str]:
    """Return what is whole in the store."""
    return [found.id for found in list_backups(away, "shop") if found.manifest is not None]


def test_what_no_rule_keeps_goes_and_nothing_else(home: Repository, away: Store) -> None:
    made = take(home, away, 5)
    home.note("pinned", made[0].id)
    proof = Verification(backup=made[1].id, at="2026", asked=Level.SCHEMA, level=Level.SCHEMA)
    home.note("verified", made[1].id, "", proof)
    dry = prune_store(home, away, KEEP, none, is_dry_run=True)
    assert dry.deleted == (made[2].id,)
    assert len(ids(away, home)) == 5
    done = prune_store(home, away, KEEP, lambda there: {made[2].id: "checkpoint cp"})
    assert done.deleted == ()
    done = prune_store(home, away, KEEP, none)
    assert done.deleted == (made[2].id,)
    assert ids(away, home) == [made[number].id for number in (4, 3, 1, 0)]
    assert len(home.backups()) == 5


def test_nothing_goes_while_something_speaks_against_it(home: Repository, away: Store) -> None:
    made = take(home, away, 4)
    with claim(away, "shop", "20260101T000000Z-0001-full", "seal"):
        (Path(away.display) / "shop/b/20260101T000000Z-0001-full").mkdir()
        found = prune_store(home, away, KEEP, none)
    assert "is being uploaded" in found.objection
    (Path(away.display) / "shop/b/20260101T000000Z-0001-full").rmdir()
    newest = publish_backup(home.root, (100,), seed=9)
    assert "is gone" in prune_store(home, away, KEEP, none).objection
    put_backup(away, "shop", newest, lambda text: None)
    keep = KeepSettings(last=1, daily=0, weekly=0, monthly=0, yearly=0, minimum=1)
    assert "more than half" in prune_store(home, away, keep, none).objection
    assert len(ids(away, home)) == len(made) + 1


def test_on_a_machine_without_backups_nothing_goes(home: Repository, away: Store, tmp_path: Path) -> None:
    take(home, away, 4)
    elsewhere = Repository(tmp_path / "elsewhere" / "shop")
    assert "no backup" in prune_store(elsewhere, away, KEEP, none).objection


def test_a_copy_that_is_damaged_counts_for_nothing(home: Repository, away: Store) -> None:
    made = take(home, away, 4)
    for backup in made[2:]:
        proof = Verification(backup=backup.id, at="2026", asked=Level.CHECKSUM, problem="bad", place=away.display)
        home.note("verified", backup.id, "bad", proof)
    home.note("published", made[1].id)
    assert prune_store(home, away, KEEP, none).deleted == ()
    assert len(ids(away, home)) == 4
