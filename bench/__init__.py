"""Measure `lockgate drift` beside the raw catalogue queries and other tools; see `bench/__main__.py`."""
