"""A disk that becomes full and is freed again: a small tmpfs where one may be mounted, else a limit on file sizes."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BLOCK = b"\0" * (1 << 20)


@dataclass
class SmallDisk:
    """A folder to put a server into. ``is_mounted``: it is a file system of its own.

    Where it is not, `fill` limits the size of each file that the server's processes write (RLIMIT_FSIZE): a write
    beyond it fails as on a full disk, but smaller files still grow.
    """

    folder: Path
    is_mounted: bool
    pid: int = 0

    def fill(self, spare: int) -> None:
        """Leave so many bytes."""
        if not self.is_mounted:
            sizes = [file.stat().st_size for file in self.folder.rglob("*") if file.is_file()]
            self._limit(max(sizes) + spare)
            return
        with (self.folder / "ballast").open("ab") as ballast:
            while self._free_bytes() > spare + len(_BLOCK):
                ballast.write(_BLOCK)
                ballast.flush()

    def free(self) -> None:
        """Give the room back."""
        if self.is_mounted:
            (self.folder / "ballast").unlink(missing_ok=True)
        else:
            self._limit(resource.RLIM_INFINITY)

    def _free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def _limit(self, size: int) -> None:
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Give a disk of that size; it is unmounted in the end."""
    with tempfile.TemporaryDirectory(prefix="lockgate-disk-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "lockgate", name]
        try:
            is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            is_mounted = False
        try:
            yield SmallDisk(Path(name), is_mounted)
        finally:
            if is_mounted:
                subprocess.run(["umount", name], capture_output=True, check=True)
