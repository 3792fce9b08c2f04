"""How probable is it that a much longer search would find something better?

Good and Turing's estimate of the chance that the next start ends somewhere new, and Boender and
Rinnooy Kan's (1987) posterior of the number of minima, count on starts that are drawn alike and
say nothing about a minimum whose basin is hardly ever hit. They are therefore inputs, together
with agreement, with what a second search changed and with what the best fit leaves unexplained,
of a logistic regression on problems with known answers. Its coefficients, and what they were
fitted to, are in `missed.json`; `python -m benchmarks.calibrate` writes that file.
"""

import dataclasses
import functools
import json
import math
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("missed.json")
FEATURES = (
    "constant",
    "agreement",
    "unseen",
    "undetected",
    "improved",
    "unexplained",
    "size",
    "rounds",
)


@dataclasses.dataclass(frozen=True)
class Trail:
    """What a search went through, as far as it tells how sure its result is.

    Attributes:
        n_starts: Independent starts.
        n_agree: How many of them ended at the best minimum.
        n_distinct: Distinct minima at which they ended.
        n_singles: Minima at which just one of them ended.
        n_rounds: Independent rounds, and
        n_rounds_agree: how many of them found the best minimum.
        is_improved: Whether the second search ever found something better than the rounds.
        correlation: Correlation of neighboring residuals at the best, in standard deviations.
        n_searched: Nonlinear parameters.
    """

    n_starts: int
    n_agree: int
    n_distinct: int
    n_singles: int
    n_rounds: int
    n_rounds_agree: int
    is_improved: bool
    correlation: float
    n_searched: int

    def features(self) -> np.ndarray:
        """The inputs of the regression, in the order of `FEATURES`."""
        n = max(self.n_starts, 1)
        return np.array(
            [
                1.0,
                math.log((self.n_agree + 0.5) / (n - self.n_agree + 0.5)),
                self.n_singles / n,
                math.log1p(undetected(n, self.n_distinct)),
                float(self.is_improved),
                math.log1p(max(self.correlation, 0.0)),
                math.log1p(self.n_searched),
                math.log((self.n_rounds_agree + 0.5) / (self.n_rounds - self.n_rounds_agree + 0.5)),
            ]
        )

    def missed(self) -> float:
        """The estimated probability that a search 100 times longer finds something better."""
        return float(1 / (1 + math.exp(-float(self.features() @ _coefficients()))))


def undetected(n_starts: int, n_distinct: int) -> float:
    """The expected number of minima not seen yet (Boender and Rinnooy Kan 1987).

    Args:
        n_starts: Independent starts, n.
        n_distinct: Distinct minima that they found, w.

    Returns:
        w (n − 1)/(n − w − 2) − w; as many as were seen, times n, where there are too few starts.

    Example:
        >>> undetected(100, 2)
        0.0625
    """
    left = n_starts - n_distinct - 2
    if left <= 0:
        return float(n_distinct * n_starts)
    return n_distinct * (n_starts - 1) / left - n_distinct


@functools.cache
def _coefficients() -> np.ndarray:
    table = json.loads(TABLE.read_text())["coefficients"]
    return np.array([table[name] for name in FEATURES])
