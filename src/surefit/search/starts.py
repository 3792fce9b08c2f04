"""Where a search may begin: draws from what the data suggest, or points somebody knows."""

import abc
import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.models.sampling import draw
from surefit.problem.base import AbstractProblem


class AbstractStarts(abc.ABC):
    """A source of starting points."""

    @abc.abstractmethod
    def draw(self, problem: AbstractProblem, rng: np.random.Generator, n: int) -> np.ndarray:
        """Draw starting points of the problem with all its free parameters.

        Args:
            problem: The problem; its scales and limits are respected.
            rng: Source of randomness.
            n: How many.

        Returns:
            Points, shape (n, q).
        """

    @property
    @abc.abstractmethod
    def is_informed(self) -> bool:
        """Whether it is known what kind of values each parameter takes."""


@dataclasses.dataclass(frozen=True, eq=False)
class PlausibleStarts(AbstractStarts):
    """Values over all the scales that the data suggest, each parameter in a random role.

    Attributes:
        weights: How often each free parameter plays each role, shape (q, roles), where something
            is known of that; see `surefit.search.roles`.
        is_all_known: Whether it is known of each parameter that is not solved.
    """

    weights: np.ndarray | None = None
    is_all_known: bool = False

    @property
    def is_informed(self) -> bool:
        return self.is_all_known

    def draw(self, problem: AbstractProblem, rng: np.random.Generator, n: int) -> np.ndarray:
        lower, upper = problem.bounds
        points, _ = draw(rng, problem.scales, n, len(lower), self.weights)
        return _within(points, lower, upper, rng)


@dataclasses.dataclass(frozen=True, eq=False)
class ModelStarts(AbstractStarts):
    """What the model itself proposes, as a network does with its random initial weights.

    Attributes:
        propose: (n, rng) → points, shape (n, q).
    """

    propose: Callable[[int, np.random.Generator], np.ndarray]

    @property
    def is_informed(self) -> bool:
        return False

    def draw(self, problem: AbstractProblem, rng: np.random.Generator, n: int) -> np.ndarray:
        lower, upper = problem.bounds
        return np.clip(self.propose(n, rng), lower, upper)


def _within(points, lower, upper, rng: np.random.Generator) -> np.ndarray:
    """Redraw what falls outside the limits: uniformly between two, mirrored at a single one."""
    width = np.where(np.isfinite(upper - lower), upper - lower, 1.0)
    between = np.where(np.isfinite(lower), lower, 0.0) + width * rng.uniform(size=points.shape)
    both = np.isfinite(lower) & np.isfinite(upper)
    outside = (points < lower) | (points > upper)
    mirrored = np.where(points < lower, 2 * lower - points, 2 * upper - points)
    mirrored = np.clip(np.where(np.isfinite(mirrored), mirrored, points), lower, upper)
    return np.where(outside, np.where(both, between, mirrored), points)
