"""``lockgate backup probe``: try the stores out."""

from __future__ import annotations

from dataclasses import asdict

from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import read_place, store_option, store_urls
from lockgate.outside import redact

_CODES = {"ok": 0, "failed": 3, "unknown": 5}


@make_command("probe", "Try the stores out: read, write, write once only, delete.")
@store_option
def command(face: Face, store_url: str | None) -> int:
    """Writes marker objects, tries to overwrite them, reads and deletes them; backups are not touched. Without
    --store all stores under [backup] are tried. Exit code 3 when something is not allowed or not kept to, 5 when it
    could not be tried, as without credentials."""
    from lockgate.backup.stores.open import probe_store

    place = read_place()
    found = [probe_store(url, place, redact.add_secret) for url in store_urls(face, store_url)]
    states = [probe.state for probe in found]
    state = "failed" if "failed" in states else "unknown" if "unknown" in states else "ok"
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "state": state,
                "stores": [{"state": probe.state, **asdict(probe)} for probe in found],
            }
        )
    else:
        lines = []
        for probe in found:
            lines.append(f"{probe.store}: {probe.state}")
            lines += [
                f"  {right.state:<8} {right.name}" + (f": {right.message}" if right.message else "")
                for right in probe.rights
            ]
        face.show("\n".join(lines))
    return _CODES[state]
