"""Faults in a real backup or restore, and what must hold afterwards."""
