"""What Django adds on PostgreSQL."""
