"""Who reaches which service, and where to open next; the door is `metrics.coverage`."""
