"""``lockgate backup prune``, ``pin`` and ``unpin``: which backups stay, and by which rule."""

from __future__ import annotations
