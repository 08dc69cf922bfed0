"""How facts come in and are kept: contracts, import, store. Knows no screen."""
