"""Effects on a live database: the lease, checkpoints, steps forward and backward, and dropping what is parked."""
