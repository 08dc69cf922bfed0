"""The pieces of the data page: files in, decisions, versions, templates."""
