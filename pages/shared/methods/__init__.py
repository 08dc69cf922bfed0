"""The pieces of the methods and framework pages."""
