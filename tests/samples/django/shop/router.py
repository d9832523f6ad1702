"""Keeps the archive's model out of the default database."""


class Router:
    """One model lives elsewhere."""

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        """Tell where a model's table is."""
        return (db == "archive") == (model_name == "oldorder")
