"""What a decision would change in the results, worked out before it is taken."""
