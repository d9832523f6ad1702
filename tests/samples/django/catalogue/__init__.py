"""An app with every general field and constraint."""
