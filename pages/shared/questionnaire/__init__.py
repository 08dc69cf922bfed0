"""The pieces of the questionnaire page."""
