"""A fictional county, generated from a seed, said to be fictional everywhere."""
