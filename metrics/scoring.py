"""The door to composite scores: schemes, scores, ranges of ranks, choices that matter, weights.

Each stands in a module of its own; everything a page needs is found here.
"""

from metrics.aggregation import AGGREGATIONS
from metrics.normalisation import NORMALISATIONS
from metrics.outranking import closeness, copeland
from metrics.scheme import DECIMALS, Node, Scheme
from metrics.scores import Scores, score
from metrics.sobol import sensitivity, sobol_indices
from metrics.uncertainty import RankRanges, rank_ranges
from metrics.weights import AhpWeights, weights_ahp, weights_critic, weights_entropy

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
