"""Where a desired schema comes from: SQL files, a live database, a snapshot."""
