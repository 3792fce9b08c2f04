"""How a descent evaluates trial points: as they are, or with linear parameters carried along."""

import abc

import numpy as np

from surefit.problem.base import AbstractProblem, Reduced
from surefit.problem.projected import Near, Projected, projected

# Part of −2 ln L by which linear values carried along may be off. Descents from 0.001 to 0.5 take
# as many steps: far away the slopes need not be better, and near the minimum they are.
LITTLE = 0.1
# Factor on −2 ln L beyond which what it would be at the best linear values is lost in rounding.
LOST = 1e6


class AbstractTrials(abc.ABC):
    """Evaluates the points of one descent; it may remember something of each row."""

    @property
    @abc.abstractmethod
    def starts(self) -> np.ndarray:
        """Where the rows begin, shape (s, q), in the parameters that the descent moves."""

    @property
    @abc.abstractmethod
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits of these, each of shape (q,)."""

    @abc.abstractmethod
    def begin(self, points: np.ndarray) -> Reduced:
        """The quadratic model where the rows begin, shape (s, q)."""

    @abc.abstractmethod
    def reduce(
        self, rows: np.ndarray, points: np.ndarray, move: np.ndarray, limit: np.ndarray
    ) -> Reduced:
        """The quadratic model at trial points.

        Args:
            rows: Which rows, in order, shape (k,); one may be tried at several points.
            points: Shape (k, q).
            move: The way there from where these rows are, shape (k, q).
            limit: −2 ln L below which a point will be accepted, shape (k,). Above it the value
                need only be good enough to tell that it is.
        """

    @abc.abstractmethod
    def accept(self, rows: np.ndarray, accepted: np.ndarray) -> None:
        """Remember which of the rows tried last have moved."""

    @abc.abstractmethod
    def full(self, points: np.ndarray) -> np.ndarray:
        """Where all rows are now, in all parameters, shape (s, p)."""


class Direct(AbstractTrials):
    """Trial points of a problem of which nothing is eliminated."""

    def __init__(self, problem: AbstractProblem, points: np.ndarray) -> None:
        self._problem, self._starts = problem, points

    @property
    def starts(self) -> np.ndarray:
        return self._starts

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self._problem.bounds

    def begin(self, points: np.ndarray) -> Reduced:
        return self._problem.reduce(points)

    def reduce(
        self, rows: np.ndarray, points: np.ndarray, move: np.ndarray, limit: np.ndarray
    ) -> Reduced:
        return self._problem.for_rows(rows).reduce(points)

    def accept(self, rows: np.ndarray, accepted: np.ndarray) -> None:
        pass

    def full(self, points: np.ndarray) -> np.ndarray:
        return points


class Carried(AbstractTrials):
    """Trial points of a projected problem, at one evaluation each.

    To find the best linear values and then evaluate there takes two. The linear values that the
    last step leads one to expect are off by the square of its length only, and −2 ln L at the best
    ones follows exactly: a second evaluation is needed only after long steps that are accepted.
    """

    def __init__(self, problem: Projected, points: np.ndarray) -> None:
        self._problem, self._points = problem, points
        self._at: Near
        self._tried: Near

    @property
    def starts(self) -> np.ndarray:
        return self._points[:, self._problem.searched]

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self._problem.bounds

    def begin(self, points: np.ndarray) -> Reduced:
        linear, limit = self._points[:, self._problem.solved], np.full(len(points), np.inf)
        self._at = self._evaluated(np.arange(len(points)), points, linear, limit)
        return self._at.reduced.rows(np.arange(len(points)))

    def reduce(
        self, rows: np.ndarray, points: np.ndarray, move: np.ndarray, limit: np.ndarray
    ) -> Reduced:
        expected = self._at.linear[rows] + np.einsum("slq,sq->sl", self._at.follow[rows], move)
        self._tried = self._evaluated(rows, points, expected, limit)
        return self._tried.reduced

    def accept(self, rows: np.ndarray, accepted: np.ndarray) -> None:
        to = rows[accepted]
        self._at.linear[to] = self._tried.linear[accepted]
        self._at.follow[to] = self._tried.follow[accepted]

    def full(self, points: np.ndarray) -> np.ndarray:
        return self._problem.joined(points, self._at.linear)

    def _evaluated(
        self, rows: np.ndarray, points: np.ndarray, linear: np.ndarray, limit: np.ndarray
    ) -> Near:
        """The model near these linear values, or at the best ones where they are far off."""
        near = self._problem.for_rows(rows).reduce_near(points, linear)
        value = near.reduced.value
        with np.errstate(invalid="ignore"):  # infinite: a bad point
            left = np.where(np.isfinite(value), np.maximum(value - near.excess, 0.0), np.inf)
            is_lost = ~(np.isfinite(value) & (value <= LOST * np.minimum(limit, left)))
            is_off = ~is_lost & (near.excess > LITTLE * left) & (left < limit)
            if is_off.any():  # of several trials of a row only the lowest will be accepted
                is_off &= left == _lowest_of_row(np.where(is_lost, np.inf, left), rows)
        value[:] = left
        lost, off = np.flatnonzero(is_lost), np.flatnonzero(is_off)
        if len(lost):
            problem = self._problem.for_rows(rows[lost])
            best = problem.solved_at(points[lost])
            near.replace(lost, problem.reduce_near(points[lost], best))
        if len(off):
            problem = self._problem.for_rows(rows[off])
            near.replace(off, problem.reduce_near(points[off], near.linear[off]))
        return near


def _lowest_of_row(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The lowest value of the row that each trial is of; rows in order, all of shape (k,)."""
    is_first = np.diff(rows, prepend=-1) != 0
    return np.minimum.reduceat(values, np.flatnonzero(is_first))[np.cumsum(is_first) - 1]


def trials_from(problem: AbstractProblem, points: np.ndarray) -> AbstractTrials:
    """Eliminate the linear parameters where that can be done, and carry them along.

    Args:
        problem: Any problem.
        points: Where a descent begins, shape (s, p).
    """
    inner = projected(problem)
    if inner is problem or not isinstance(inner, Projected):
        return Direct(problem, points)
    return Carried(inner, points)
