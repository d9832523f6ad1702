"""Runbooks: written procedures that are read, checked, run, resumed and reported on, on top of the workflows."""
