"""Limits on parameters."""

import dataclasses

import numpy as np

from surefit.data.scales import Scales
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced


@dataclasses.dataclass(frozen=True, eq=False)
class Bounded(AbstractProblem):
    """A problem whose parameters have limits; minimizers keep to them exactly.

    Attributes:
        problem: The problem without limits.
        lower: Lower limits, shape (q,), −inf where there is none.
        upper: Upper limits, shape (q,), inf where there is none.
    """

    problem: AbstractProblem
    lower: np.ndarray
    upper: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return self.problem.names

    @property
    def linear(self) -> np.ndarray:
        """Linear parameters with a limit count as nonlinear: they are not free to be solved."""
        unlimited = np.isinf(self.lower) & np.isinf(self.upper)
        return self.problem.linear & unlimited

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self.lower, self.upper

    @property
    def is_least_squares(self) -> bool:
        return self.problem.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.problem.n_terms

    @property
    def scales(self) -> Scales:
        return self.problem.scales

    def expand(self, points: np.ndarray) -> np.ndarray:
        return self.problem.expand(points)

    def value(self, points: np.ndarray) -> np.ndarray:
        return self.problem.value(points)

    def reduce(self, points: np.ndarray) -> Reduced:
        return self.problem.reduce(points)

    def factorize(self, point: np.ndarray) -> Factored:
        return self.problem.factorize(point)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.problem.linearize(point)

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        thin = self.problem.thinned(n_points, rng)
        return self if thin is self.problem else dataclasses.replace(self, problem=thin)

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        chosen = self.problem.for_rows(which)
        return self if chosen is self.problem else dataclasses.replace(self, problem=chosen)

    def pure(self) -> Pure:
        return self.problem.pure()
