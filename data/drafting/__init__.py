"""From a file as text to a draft: what was understood, what is wrong, what would change."""
