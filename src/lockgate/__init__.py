"""Lockgate: staged, verified and reversible schema changes."""

__version__ = "0.1.0"
