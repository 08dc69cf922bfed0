"""The pieces of the administration page."""
