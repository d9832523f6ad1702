"""A small service with customers, and the procedure that changes its database while they order."""
