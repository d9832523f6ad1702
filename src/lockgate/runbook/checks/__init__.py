"""What checks ask of the target, one file per kind, each imported when its kind is first asked."""
