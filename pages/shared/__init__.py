"""The pieces pages are assembled from: frame, filters, panels, charts, maps, cached results."""
