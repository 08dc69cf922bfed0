"""The door to composite scores: schemes, scores, ranges of ranks, choices that matter, weights.

Each stands in a module of its own; everything a page needs is found here.
"""

from metrics.composite.aggregation import AGGREGATIONS
from metrics.composite.normalisation import NORMALISATIONS
from metrics.composite.outranking import closeness, copeland
from metrics.composite.scheme import DECIMALS, Node, Scheme
from metrics.composite.scores import Scores, score
from metrics.composite.sobol import sensitivity, sobol_indices
from metrics.composite.uncertainty import RankRanges, rank_ranges
from metrics.composite.weights import AhpWeights, weights_ahp, weights_critic, weights_entropy

__all__ = [
    "AGGREGATIONS",
    "DECIMALS",
    "NORMALISATIONS",
    "AhpWeights",
    "Node",
    "RankRanges",
    "Scheme",
    "Scores",
    "closeness",
    "copeland",
    "rank_ranges",
    "score",
    "sensitivity",
    "sobol_indices",
    "weights_ahp",
    "weights_critic",
    "weights_entropy",
]
