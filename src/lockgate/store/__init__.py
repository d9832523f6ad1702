"""Lockgate's own state in the target: runs, their journal, checkpoints, parked objects and the lease's holder."""
