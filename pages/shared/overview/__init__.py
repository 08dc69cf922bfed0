"""The pieces of the overview page."""
