"""Written by makemigrations, but for the extensions."""
