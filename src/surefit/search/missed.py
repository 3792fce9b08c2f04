"""How probable is it that a much longer search would find something better?

Good and Turing's estimate of the chance that the next start ends somewhere new counts on starts
that are drawn alike, and says nothing about a minimum whose basin is hardly ever hit. It is
therefore one input, together with agreement, with the number of starts and with what the best fit
leaves unexplained, of a logistic regression on problems with known answers. (The number of minima
not seen yet of Boender and Rinnooy Kan 1987 told nothing beyond these.) Its coefficients, and what
they were fitted to, are in `missed.json`; `python -m benchmarks.calibrate` writes that file.
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
    "unexplained",
    "size",
    "rounds",
    "starts",
)


@dataclasses.dataclass(frozen=True)
class Trail:
    """What a search went through, as far as it tells how sure its result is.

    Attributes:
        n_starts: Independent starts.
        n_agree: How many of them ended at the best minimum.
        n_singles: Minima at which just one of them ended.
        n_rounds: Independent rounds, and
        n_rounds_agree: how many of them found the best minimum.
        correlation: Correlation of neighboring residuals at the best, in standard deviations.
        n_searched: Nonlinear parameters.
        is_finished: Whether a descent to the best minimum came to its end.
    """

    n_starts: int
    n_agree: int
    n_singles: int
    n_rounds: int
    n_rounds_agree: int
    correlation: float
    n_searched: int
    is_finished: bool = True

    def features(self) -> np.ndarray:
        """The inputs of the regression, in the order of `FEATURES`."""
        n = max(self.n_starts, 1)
        return np.array(
            [
                1.0,
                math.log((self.n_agree + 0.5) / (n - self.n_agree + 0.5)),
                self.n_singles / n,
                math.log1p(max(self.correlation, 0.0)),
                math.log1p(self.n_searched),
                math.log((self.n_rounds_agree + 0.5) / (self.n_rounds - self.n_rounds_agree + 0.5)),
                math.log(n),
            ]
        )

    def missed(self) -> float:
        """The estimated probability that a search 100 times longer finds something better.

        Of a descent that was cut short it is 1: going on would do.
        """
        if not self.is_finished:
            return 1.0
        return float(1 / (1 + math.exp(-float(self.features() @ _coefficients()))))


@functools.cache
def _coefficients() -> np.ndarray:
    table = json.loads(TABLE.read_text())["coefficients"]
    return np.array([table[name] for name in FEATURES])
