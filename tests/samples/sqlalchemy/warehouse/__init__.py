"""A warehouse in SQLAlchemy: every general column type and constraint, and what each dialect adds."""
