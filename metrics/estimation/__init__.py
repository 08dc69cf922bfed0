"""Survey estimation: designs, variances, tests, weights; the door is `metrics.survey`."""
