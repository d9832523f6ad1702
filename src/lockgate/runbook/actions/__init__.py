"""What tasks do, one file per kind, each imported when its kind is first run."""
