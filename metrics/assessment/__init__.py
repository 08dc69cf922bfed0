"""The two cards: indicators become points, points become bands, bands get their ranges."""
