"""``lockgate backup prune``, ``pin``, ``status`` and the line in ``lockgate status``, as a user meets them."""

from __future__ import annotations

import json

from tests.cli.conftest import Cli

CONFIG = """url = "sqlite:///app.db"
[backup.keep]
last = 1
daily = 0
weekly = 0
monthly = 0
yearly = 0
minimum = 1
"""


def test_backups_are_watched_and_pruned_from_the_first_one_on(cli: Cli) -> None:
    cli.env.clear()
    cli.write("lockgate.toml", CONFIG)
    before = cli("backup", "status")
    assert before.code == 3 and "no good backup: there is none" in before.out
    assert "backup:" not in cli("status").out

    assert cli("backup", "create", "--verify", "schema", "-q").code == 0

    after = cli("backup", "status", "--format", "json")
    assert after.code == 0 and json.loads(after.out)["state"] == "ok", after.out
    first = json.loads(after.out)["newest"]
    assert f"backup:      {first}, " in cli("status").out
    second = json.loads(cli("backup", "create", "-q", "--format", "json").out)
    assert [item["id"] for item in second["pruned"]["kept"]] == [second["id"], first]
    assert "newest verified" in cli("backup", "prune", "--dry-run").out
    assert cli("backup", "pin", second["id"], "--reason", "audit").code == 0
    third = json.loads(cli("backup", "create", "--verify", "schema", "-q", "--format", "json").out)
    assert third["pruned"]["trashed"] == [first]
    kept = {item["id"]: item["rules"] for item in third["pruned"]["kept"]}
    assert kept[second["id"]] == ["pinned"]
    assert cli("backup", "pin", first).code == 0
    assert len(json.loads(cli("backup", "list", "--format", "json").out)["backups"]) == 3
    assert cli("backup", "unpin", first).code == cli("backup", "unpin", second["id"]).code == 0

    for words, code in ((("--yes",), 4), (("--more-than-half",), 2), (("--more-than-half", "--yes"), 0)):
        assert cli("backup", "prune", *words).code == code

    metrics = cli("backup", "status", "--format", "prometheus")
    assert 'lockgate_backup_count{target="app"} 1' in metrics.out
    assert cli("backup", "status", "--exit-zero").code == 0
