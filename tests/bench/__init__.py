"""Measurements: each a ratio to a bare baseline that is run in the same call."""
