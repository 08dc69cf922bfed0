"""The pieces of the coverage page: the map, its choices, its words, its files."""
