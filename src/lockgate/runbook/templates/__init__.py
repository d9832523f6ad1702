"""Starter runbooks: whole, lint-free files of which `new.py` keeps the parts that are asked for."""
