"""Backups: made with the servers' own tools, published only when whole, proven by restoring them."""
