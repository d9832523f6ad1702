"""The named levels of rollback: code, schema, data; the lowest sufficient one is taken."""
