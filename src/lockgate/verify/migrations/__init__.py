"""Compares a folder of migrations with what the live database says was applied."""
