"""The pieces of the pages on county duty, follow-up and context."""
