"""The team's own rules for a schema: optimistic locking, soft delete, names and columns; reads only."""
