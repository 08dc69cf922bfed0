"""What the numbers mean: declared indicators and pure functions. Knows no screen."""
