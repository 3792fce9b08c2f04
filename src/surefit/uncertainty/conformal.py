"""Conformal prediction: bands for new points that hold whatever the noise and the model are.

They need that the points, new ones included, could be exchanged: independent draws from one
distribution of x and y. They cover a new point drawn like the others, not each x by itself.
"""

import abc
import dataclasses
import math

import numpy as np

from surefit.annotations import Float
from surefit.exceptions import InvalidOption


class AbstractConformal(abc.ABC):
    """How points are set apart from the fits that predict them."""

    @abc.abstractmethod
    def groups(self, n: int, rng: np.random.Generator) -> list[np.ndarray]:
        """Points that each refit does not see; those in no group are in every refit.

        Args:
            n: How many points there are.
            rng: Source of randomness.

        Raises:
            InvalidOption: There are too few points.
        """

    @abc.abstractmethod
    def ends(
        self, curves: Float[np.ndarray, "k n m"], reach: Float[np.ndarray, "k n m"], level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end, shape (n, m).

        Args:
            curves: Of the refit that did not see each calibration point, k of them, at n new x.
            reach: How far that point was off, in its own error, times the new point's error.
            level: Coverage wanted, between 0 and 1.
        """

    @abc.abstractmethod
    def guarantee(self, n: int, level: float) -> float:
        """The coverage that is promised for any distribution and any model.

        Args:
            n: Calibration points.
            level: Coverage wanted.
        """


@dataclasses.dataclass(frozen=True)
class SplitConformal(AbstractConformal):
    """Fit to a part of the points, and measure on the others how far off it is.

    A new point lies inside with a probability of at least `level`, and at most 1/(k + 1) more for k
    points to measure on (Vovk, Gammerman and Shafer 2005, *Algorithmic Learning in a Random
    World*; Lei et al. 2018, J. Am. Stat. Assoc. 113, 1094, theorem 2.2). One refit; the curve is
    that of the part.

    Attributes:
        share: Part of the points to measure on, between 0 and 1.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no share.

        Raises:
            InvalidOption: It is not between 0 and 1.
        """
        if not 0 < self.share < 1:
            raise InvalidOption(f"share is {self.share!r}; give a part between 0 and 1.")

    def groups(self, n: int, rng: np.random.Generator) -> list[np.ndarray]:
        k = round(self.share * n)
        if not 0 < k < n:
            raise InvalidOption(f"A share of {self.share:g} of {n} points leaves no points apart.")
        return [rng.permutation(n)[:k]]

    def ends(
        self, curves: Float[np.ndarray, "k n m"], reach: Float[np.ndarray, "k n m"], level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        half = _ordered(reach, _rank(level, len(reach)))
        return curves[0] - half, curves[0] + half

    def guarantee(self, n: int, level: float) -> float:
        return level


@dataclasses.dataclass(frozen=True)
class CVPlus(AbstractConformal):
    """Leave out a fold at a time, and measure on it how far off the others' fit is.

    With `level` = 1 − α a new point lies inside with a probability near 1 − α as a rule, and of at
    least 1 − 2α − min(2(1 − 1/K)/(n/K + 1), (1 − K/n)/(K + 1)) always, for K folds of n points
    (Barber, Candès, Ramdas and Tibshirani 2021, Ann. Stat. 49, 486, theorem 4). As many folds as
    points make it the jackknife+, whose limit is 1 − 2α (theorem 1).

    Attributes:
        folds: How many.
    """

    folds: int = 10

    def __post_init__(self) -> None:
        """Refuse what are no folds.

        Raises:
            InvalidOption: There are fewer than two.
        """
        if self.folds < 2:
            raise InvalidOption(f"folds is {self.folds!r}; give at least 2.")

    def groups(self, n: int, rng: np.random.Generator) -> list[np.ndarray]:
        if self.folds > n:
            raise InvalidOption(f"There are {n} points for {self.folds} folds; give fewer folds.")
        return np.array_split(rng.permutation(n), self.folds)

    def ends(
        self, curves: Float[np.ndarray, "k n m"], reach: Float[np.ndarray, "k n m"], level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        rank = _rank(level, len(reach))
        return -_ordered(reach - curves, rank), _ordered(curves + reach, rank)

    def guarantee(self, n: int, level: float) -> float:
        k = self.folds
        less = min(2 * (1 - 1 / k) / (n / k + 1), (1 - k / n) / (k + 1))
        return max(1 - 2 * (1 - level) - less, 0.0)


def _rank(level: float, n: int) -> int:
    """Which of n numbers, in order, a further one stays below with at least this probability."""
    return math.ceil(level * (n + 1) - 1e-9)  # 0.9 times 10 may be a little more than 9


def _ordered(values: np.ndarray, rank: int) -> np.ndarray:
    """The value of this rank, counted from 1, along the first axis; infinite beyond the last."""
    if rank > len(values):
        return np.full(values.shape[1:], np.inf)
    return np.partition(values, rank - 1, axis=0)[rank - 1]
