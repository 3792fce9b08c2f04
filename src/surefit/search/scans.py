"""Coordinate scans: move one parameter, or a pair, over all plausible values at once."""

import itertools

import numpy as np

from surefit.models.sampling import draw
from surefit.problem.base import AbstractProblem

# Values tried along one coordinate: drawn from what is plausible, and near the present one.
PLAUSIBLE = 64
LOCAL = 32
# Positions tried along a pair of step parameters, and refinements around the best of them.
PAIR = 64
REFINEMENTS = 3


def scan(
    screen: AbstractProblem, points: np.ndarray, steps: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Scan each coordinate of each point in turn and keep what is lower.

    It finds what no descent can: a frequency far from the present one, the far edge of a window.

    Args:
        screen: The problem, with linear parameters projected out.
        points: Points of that problem, shape (s, q).
        steps: Mask of the step parameters among its parameters, shape (q,); their sums and
            differences are scanned too, as the edges of `abs(x - a) < b` are a − b and a + b.
        rng: Source of randomness.

    Returns:
        The moved points and −2 ln L there; never worse than the given ones.
    """
    points, values = points.copy(), screen.value(points)
    for j in rng.permutation(points.shape[1]):
        trials = _along_coordinate(screen, points, j, rng)
        _keep_best(screen, points, values, trials)
        if steps[j]:
            _refine(screen, points, values, np.eye(len(steps))[j])
    for i, j in itertools.combinations(np.flatnonzero(steps), 2):
        for sign in (1.0, -1.0):
            direction = np.eye(len(steps))[i] + sign * np.eye(len(steps))[j]
            offsets = reach(screen) * np.linspace(-1, 1, PAIR)
            _keep_best(screen, points, values, _along(points, direction, offsets))
            _refine(screen, points, values, direction)
    return points, values


def reach(screen: AbstractProblem) -> float:
    """How far a step parameter may have to move: the longest extent of the inputs."""
    scales = screen.scales
    return max(
        max(high - low for low, high in zip(scales.x_low, scales.x_high, strict=True)), 1e-300
    )


def _along_coordinate(screen, points: np.ndarray, j: int, rng) -> np.ndarray:
    """Trial points (s, t, q) that differ from each point in one coordinate."""
    s = len(points)
    drawn, _ = draw(rng, screen.scales, PLAUSIBLE, 1)
    factors = np.exp(rng.normal(size=LOCAL) * np.exp(rng.uniform(np.log(1e-3), 0, LOCAL)))
    trials = np.repeat(points[:, None, :], PLAUSIBLE + LOCAL, axis=1)
    trials[:, :PLAUSIBLE, j] = drawn[:, 0]
    trials[:, PLAUSIBLE:, j] *= np.repeat(factors[None], s, axis=0)
    return trials


def _along(points: np.ndarray, direction: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return points[:, None, :] + offsets[None, :, None] * direction


def _refine(screen, points: np.ndarray, values: np.ndarray, direction: np.ndarray) -> None:
    """Ever smaller moves along a direction, down to far below the spacing of the points."""
    size = 2 * reach(screen) / PAIR
    for _ in range(REFINEMENTS):
        _keep_best(
            screen, points, values, _along(points, direction, size * np.linspace(-1, 1, LOCAL))
        )
        size *= 4 / LOCAL


def _keep_best(screen, points: np.ndarray, values: np.ndarray, trials: np.ndarray) -> None:
    """Replace each point by the best of its trials, where that is lower."""
    s, t, q = trials.shape
    lower, upper = screen.bounds
    flat = np.clip(trials.reshape(s * t, q), lower, upper)
    found = screen.value(flat).reshape(s, t)
    best = np.argmin(found, axis=1)
    lowest = found[np.arange(s), best]
    better = lowest < values
    points[better] = flat.reshape(s, t, q)[np.arange(s), best][better]
    values[better] = lowest[better]
