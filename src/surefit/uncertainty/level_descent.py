"""Minimize −2 ln L where functions of the parameters are held, each row at levels of its own."""

import dataclasses

import numpy as np

from surefit.problem.base import AbstractProblem, Reduced
from surefit.uncertainty.targets import Targets

# Decrease of −2 ln L, in its unit, that a row must still promise to go on: the root of a profile
# is then known to a ten-thousandth of an error.
TOLERANCE = 1e-7
STEPS = 80
STUCK = 1e12
# Newton steps back to the levels, and what counts as there, in units of one standard deviation.
RETURNS = 12
THERE = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class LevelMinima:
    """Where rows ended.

    Attributes:
        points: Shape (s, q).
        value: −2 ln L, shape (s,); infinite where the levels cannot be reached.
    """

    points: np.ndarray
    value: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Levels:
    """The targets that each row holds, and at which levels.

    Attributes:
        targets: All targets.
        which: Indices of those that each row holds, shape (s, k).
        levels: Where, shape (s, k).
        sizes: One standard deviation of each, shape (s, k).
    """

    targets: Targets
    which: np.ndarray
    levels: np.ndarray
    sizes: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Levels":
        """The chosen rows."""
        arrays = (self.which[chosen], self.levels[chosen], self.sizes[chosen])
        return Levels(self.targets, *arrays)

    def missing(self, points: np.ndarray) -> np.ndarray:
        """How far the targets are from their levels, shape (s, k)."""
        return self.levels - self.targets.values(points, self.which)


def descend_on_levels(
    problem: AbstractProblem, levels: Levels, points: np.ndarray, scale: np.ndarray, unit: float
) -> LevelMinima:
    """Minimize over everything else, from points near the answer.

    Levenberg–Marquardt steps within the tangent plane of the levels, cut at limits, which are
    then held for as long as they press (an active set, so that they are kept exactly); after each,
    Newton's steps lead back to levels that are curved.

    Args:
        problem: The problem.
        levels: What each row holds.
        points: Where each row begins, shape (s, q).
        scale: A typical curvature by each coordinate, shape (q,), positive.
        unit: The rise of −2 ln L that is one standard deviation.

    Returns:
        The minima.
    """
    state = _State(problem, levels, points, scale, unit)
    for _ in range(STEPS):
        active = np.flatnonzero(~state.done)
        if not len(active):
            break
        state.step(active)
    return LevelMinima(state.points, state.at.value)


class _State:
    """All rows of one descent; updated in place."""

    def __init__(self, problem, levels: Levels, points, scale, unit: float) -> None:
        self.problem, self.levels, self.unit = problem, levels, unit
        self.lower, self.upper = problem.bounds
        self.scale = np.repeat(scale[None], len(points), axis=0)
        points = np.clip(points, self.lower, self.upper)
        self.points, reached = self._returned(levels, points, self.scale)
        self.at: Reduced = problem.reduce(self.points)
        self.at.value[~reached] = np.inf
        self.done = ~np.isfinite(self.at.value)
        self.damping, self.growth = np.full(len(points), 1e-4), np.full(len(points), 2.0)

    def step(self, rows: np.ndarray) -> None:
        """One trial step of the chosen rows."""
        at, levels, points = self.at.rows(rows), self.levels.rows(rows), self.points[rows]
        self.scale[rows] = np.maximum(self.scale[rows], np.einsum("sii->si", at.curvature))
        move = self._move(at, levels, points, rows)
        trial, reached = self._returned(levels, points + move, self.scale[rows])
        curved = np.einsum("si,sij,sj->s", move, at.curvature, move) / 2
        promised = -np.einsum("si,si->s", at.gradient, move) - curved
        new = self.problem.reduce(trial)
        gain = np.where(reached, at.value - new.value, -np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(promised > 0, gain / promised, -1.0)
        accepted = np.isfinite(new.value) & (gain > 0)
        taken = rows[accepted]
        self.points[taken], self.at.value[taken] = trial[accepted], new.value[accepted]
        self.at.gradient[taken] = new.gradient[accepted]
        self.at.curvature[taken] = new.curvature[accepted]
        shrink = np.maximum(1 / 5, 1 - (2 * np.clip(ratio, 0, 1) - 1) ** 3)
        factor = np.where(accepted, shrink, self.growth[rows])
        small = promised * np.maximum(self.damping[rows], 1.0) <= TOLERANCE * self.unit
        self.damping[rows] *= factor
        self.growth[rows] = np.where(accepted, 2.0, 2 * self.growth[rows])
        self.done[rows] |= small | (self.damping[rows] > STUCK)

    def _move(self, at: Reduced, levels: Levels, points, rows) -> np.ndarray:
        """The damped step in the tangent plane, cut where it meets a limit."""
        slopes = levels.targets.slopes(points, levels.which)
        at_lower, at_upper = points <= self.lower, points >= self.upper
        held = np.zeros_like(at_lower)
        move = self._solved(at, slopes, held, rows)
        for _ in range(points.shape[1]):
            outward = (at_lower & (move < 0)) | (at_upper & (move > 0))
            if not outward.any():
                break
            held |= outward
            move = self._solved(at, slopes, held, rows)
        limit = np.where(move > 0, self.upper, self.lower)
        with np.errstate(invalid="ignore", divide="ignore"):
            room = np.where(move != 0, (limit - points) / move, np.inf)
        room = np.where(held, np.inf, room)
        return np.clip(room.min(axis=1), 0.0, 1.0)[:, None] * np.where(held, 0.0, move)

    def _solved(self, at: Reduced, slopes, held, rows) -> np.ndarray:
        """Solve (H + λ D) δ + Aᵀμ = −g with A δ = 0 for what is not held."""
        s, k, q = slopes.shape
        inverse = np.where(held, 0.0, 1 / np.sqrt(self.scale[rows]))
        matrix = np.zeros((s, q + k, q + k))
        matrix[:, :q, :q] = at.curvature * inverse[:, :, None] * inverse[:, None, :]
        diagonal = np.where(held, 1.0, self.damping[rows][:, None])
        matrix[:, :q, :q] += diagonal[:, :, None] * np.eye(q)
        border = slopes * inverse[:, None, :]
        length = np.linalg.norm(border, axis=2, keepdims=True)
        border = border / np.where(length > 0, length, 1.0)
        matrix[:, q:, :q], matrix[:, :q, q:] = border, border.transpose(0, 2, 1)
        right = np.concatenate([-at.gradient * inverse, np.zeros((s, k))], axis=1)
        try:
            solution = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            solution = (np.linalg.pinv(matrix) @ right[:, :, None])[:, :, 0]
        return solution[:, :q] * inverse

    def _returned(self, levels: Levels, points: np.ndarray, scale: np.ndarray):
        """Points moved to the levels, within limits; and which of them got there."""
        points = np.clip(points, self.lower, self.upper)
        for _ in range(RETURNS):
            missing = levels.missing(points)
            reached = np.all(np.abs(missing) <= THERE * levels.sizes, axis=1)
            if reached.all():
                return points, reached
            slopes = levels.targets.slopes(points, levels.which)
            move = self._shortest(slopes, missing, scale, np.ones_like(points))
            outside = (points + move < self.lower) | (points + move > self.upper)
            if outside.any():  # what is at its limit takes no part
                stuck = outside & ((points <= self.lower) | (points >= self.upper))
                move = self._shortest(slopes, missing, scale, 1.0 * ~stuck)
            move[reached] = 0.0
            points = np.clip(points + move, self.lower, self.upper)
        return points, np.all(np.abs(levels.missing(points)) <= 1e-6 * levels.sizes, axis=1)

    @staticmethod
    def _shortest(slopes, missing, scale, part) -> np.ndarray:
        """The move that closes the gap, shortest in units of the scale."""
        weighted = slopes * (part / scale)[:, None, :]
        gram = weighted @ slopes.transpose(0, 2, 1)
        multipliers = np.linalg.pinv(gram, hermitian=True) @ missing[:, :, None]
        return np.nan_to_num((weighted.transpose(0, 2, 1) @ multipliers)[:, :, 0])
