"""Runs a client program and lies about its output; only the standard library, for it runs without ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

_CANARY = b"INSERT INTO person VALUES (1, 'canary-row-4711', 'secret@example.com');\n"


def main(told: str, place: str) -> None:
    """Run the real program and give on what the lie leaves of it; never returns."""
    lie = json.loads(told)
    arguments = sys.argv[1:]
    command = [*lie["command"], *_with_options(arguments, lie["options"])]
    if any(word in arguments for word in ("--version", "-V", "--help")):
        os.execvp(command[0], command)
    if _calls_before(place) < lie["calls"]:
        os.execvp(command[0], command)
    folder = next((word.split("=", 1)[1] for word in arguments if word.startswith("--file=")), "")
    folder = folder or next((arguments[n + 1] for n, word in enumerate(arguments) if word == "-f"), "")
    sys.exit(_in_folder(command, folder, lie) if folder else _in_pipe(command, lie))


def _with_options(arguments: list[str], options: list[str]) -> list[str]:
    """Put a program's own options behind those that must be first."""
    first = [word for word in arguments[:2] if word.startswith(("--defaults", "--no-defaults"))]
    return [*first, *options, *arguments[len(first) :]]


def _calls_before(place: str) -> int:
    with open(place + ".calls", "ab+") as file:
        file.write(b".")
        file.flush()
        return file.tell() - 1


def _in_pipe(command: list[str], lie: dict[str, object]) -> int:
    """Run it to its end with its output kept, then tell a part of it."""
    if lie["way"] == "deaf":
        return 0
    done = subprocess.run(command, stdin=None, stdout=subprocess.PIPE, pass_fds=_inherited(), check=False)
    out = done.stdout
    cut = int(len(out) * float(str(lie["at"])))
    match lie["way"]:
        case "half" | "hang":
            _tell(out[:cut])
        case "no_trailer":
            _tell(b"".join(out.splitlines(keepends=True)[:-1]))
        case "nothing":
            pass
        case "flip":
            _tell(_flipped(out, cut))
        case "slow":
            for start in range(0, len(out), 1 << 16):
                _tell(out[start : start + (1 << 16)])
                time.sleep(0.02)
        case _:
            _tell(out)
    if lie["way"] == "hang":
        time.sleep(3600)
    if lie["way"] == "rows":
        sys.stderr.buffer.write(_CANARY * 200)
        return 1
    return 1 if lie["way"] == "late_exit" else done.returncode


def _in_folder(command: list[str], folder: str, lie: dict[str, object]) -> int:
    """Run it to its end, then spoil what it wrote into its folder."""
    code = subprocess.run(command, pass_fds=_inherited(), check=False).returncode
    files = sorted(
        (os.path.join(top, name) for top, _, names in os.walk(folder) for name in names),
        key=lambda path: -os.path.getsize(path),
    )
    match lie["way"]:
        case "half":
            for path in files[: 1 + len(files) // 2]:
                os.truncate(path, int(os.path.getsize(path) * float(str(lie["at"]))))
        case "no_trailer":
            os.truncate(files[0], max(0, os.path.getsize(files[0]) - 8))
        case "nothing":
            for path in files:
                os.truncate(path, 0)
        case "flip":
            with open(files[0], "rb+") as file:
                data = file.read()
                file.seek(0)
                file.write(_flipped(data, int(len(data) * float(str(lie["at"])))))
        case "hang":
            time.sleep(3600)
        case "rows":
            sys.stderr.buffer.write(_CANARY * 200)
            return 1
        case "late_exit":
            return 1
    return code


def _flipped(data: bytes, near: int) -> bytes:
    """Change one digit to another near a place, so that the text stays what can be read."""
    for place in range(near, len(data)):
        if data[place] in b"12345678":
            return data[:place] + bytes([data[place] + 1]) + data[place + 1 :]
    return data


def _tell(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _inherited() -> tuple[int, ...]:
    """Return the descriptors we were given besides the usual ones: credentials are in them."""
    found = []
    for name in os.listdir("/dev/fd"):
        descriptor = int(name)
        if descriptor > 2:
            try:
                os.set_inheritable(descriptor, True)
            except OSError:
                continue
            found.append(descriptor)
    return tuple(found)
