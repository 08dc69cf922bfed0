"""One thin file a page; `shared/` holds everything that knows how to draw."""
