"""Baselines: what a command found before, so that later only what is new counts."""
