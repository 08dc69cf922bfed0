"""The pieces of the assessment and township pages."""
