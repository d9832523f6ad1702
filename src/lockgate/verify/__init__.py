"""Look whether the live database is what it should be: its schema and its rows; never changes anything."""
