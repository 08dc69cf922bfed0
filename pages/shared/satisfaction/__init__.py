"""The pieces of the satisfaction page."""
