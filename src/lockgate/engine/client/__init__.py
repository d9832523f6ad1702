"""Databases' own client programs: found, given their credentials out of sight, run and watched, always ended."""
