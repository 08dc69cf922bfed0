"""Boundaries, points and the names of places: where things are, and whether that can be."""
