"""Best known chi2 of five sigmoids and five hidden units on twenty samples of the lesson.

Two long independent searches of each model, merged (a network of five units can do what five
sigmoids can). Made again with `python -m tests.search.growth.lesson_references`, in minutes.
"""

import surefit as sf
from tests.lesson_sample import SIGMA, sample

SEEDS = tuple(range(101, 121))
EFFORT = 8.0

SIGMOIDS = {
    101: 1188.52,
    102: 1400.19,
    103: 1248.25,
    104: 1266.63,
    105: 1222.93,
    106: 1400.58,
    107: 1356.76,
    108: 1276.81,
    109: 1283.93,
    110: 1348.92,
    111: 1349.18,
    112: 1309.18,
    113: 1280.23,
    114: 1273.15,
    115: 1366.59,
    116: 1429.77,
    117: 1299.69,
    118: 1258.43,
    119: 1314.0,
    120: 1313.28,
}
DENSE = {
    101: 1188.43,
    102: 1400.19,
    103: 1247.67,
    104: 1266.61,
    105: 1220.72,
    106: 1400.58,
    107: 1356.69,
    108: 1276.8,
    109: 1283.62,
    110: 1348.7,
    111: 1345.84,
    112: 1309.17,
    113: 1280.16,
    114: 1272.71,
    115: 1364.21,
    116: 1429.24,
    117: 1297.44,
    118: 1257.35,
    119: 1312.76,
    120: 1310.04,
}


def best_known(seed):
    """The lowest chi2 that two long searches of each model find."""
    x, y = sample(seed)
    budget = sf.Budget(starts=EFFORT)
    best = [
        min(sf.fit(x, y, model, SIGMA, budget=budget, key=key).chi2 for key in (1001, 1002))
        for model in (sf.Sigmoids(5), sf.Dense(5))
    ]
    return best[0], min(best)


if __name__ == "__main__":
    found = {seed: best_known(seed) for seed in SEEDS}
    print("SIGMOIDS =", {seed: round(pair[0], 2) for seed, pair in found.items()})
    print("DENSE =", {seed: round(pair[1], 2) for seed, pair in found.items()})
