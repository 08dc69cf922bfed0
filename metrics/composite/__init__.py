"""Composite scores on trees of weights, and how sure they are; the door is `metrics.scoring`."""
