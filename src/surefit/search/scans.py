"""Coordinate scans: move one parameter, or a pair, over all plausible values at once."""

import itertools
from collections.abc import Iterator

import numpy as np

from surefit.data.scales import Scales
from surefit.models.sampling import draw
from surefit.problem.base import AbstractProblem

# Values tried along one coordinate: drawn from what is plausible, and near the present one.
PLAUSIBLE = 128
LOCAL = 32
# Positions tried along a pair of step parameters, and refinements around the best of them.
PAIR = 64
REFINEMENTS = 3


def scan(
    screen: AbstractProblem,
    points: np.ndarray,
    steps: np.ndarray,
    scales: Scales,
    rng: np.random.Generator,
    *,
    is_refined: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Scan each coordinate of each point in turn and keep what is lower.

    It finds what no descent can: a frequency far from the present one, the far edge of a window.

    Args:
        screen: The problem, with linear parameters projected out.
        points: Points of that problem, shape (s, q).
        steps: Mask of the step parameters among its parameters, shape (q,); their sums and
            differences are scanned too, as the edges of `abs(x - a) < b` are a − b and a + b.
        scales: Sizes that the data suggest.
        rng: Source of randomness.
        is_refined: Whether the steps are moved by less and less at last; needless where it is
            known where points change side.

    Returns:
        The moved points and −2 ln L there; never worse than the given ones.
    """
    points, values = points.copy(), screen.value(points)
    for j in rng.permutation(points.shape[1]).tolist():
        _keep_best(screen, points, values, _along_coordinate(points, j, scales, rng))
    far = reach(scales) * np.linspace(-1, 1, PAIR)
    for is_pair, direction in _step_directions(steps):
        if is_pair:
            _keep_best(screen, points, values, _along(points, direction, far))
        if is_refined:
            _refine(screen, points, values, direction, 2 * reach(scales) / PAIR)
    return points, values


def scan_nearby(
    screen: AbstractProblem, points: np.ndarray, steps: np.ndarray, size: float
) -> tuple[np.ndarray, np.ndarray]:
    """Move the step parameters, and pairs of them, by at most a given distance.

    Args:
        screen: The problem, with linear parameters projected out.
        points: Points of that problem, shape (s, q).
        steps: Mask of the step parameters, shape (q,).
        size: Longest move; refined from there.

    Returns:
        The moved points and −2 ln L there; never worse than the given ones.
    """
    points, values = points.copy(), screen.value(points)
    for _, direction in _step_directions(steps):
        _refine(screen, points, values, direction, size)
    return points, values


def reach(scales: Scales) -> float:
    """How far a step parameter may have to move: the longest extent of the inputs."""
    return max(
        max(high - low for low, high in zip(scales.x_low, scales.x_high, strict=True)), 1e-300
    )


def _step_directions(steps: np.ndarray) -> Iterator[tuple[bool, np.ndarray]]:
    """Along each step parameter, and along the sum and the difference of each pair of them."""
    unit, which = np.eye(len(steps)), np.flatnonzero(steps)
    for i in which:
        yield False, unit[i]
    for i, j in itertools.combinations(which, 2):
        for sign in (1.0, -1.0):
            yield True, unit[i] + sign * unit[j]


def _along_coordinate(points: np.ndarray, j: int, scales: Scales, rng) -> np.ndarray:
    """Trial points (s, t, q) that differ from each point in one coordinate."""
    s = len(points)
    drawn, _ = draw(rng, scales, PLAUSIBLE, 1)
    factors = np.exp(rng.normal(size=LOCAL) * np.exp(rng.uniform(np.log(1e-3), 0, LOCAL)))
    trials = np.repeat(points[:, None, :], PLAUSIBLE + LOCAL, axis=1)
    trials[:, :PLAUSIBLE, j] = drawn[:, 0]
    trials[:, PLAUSIBLE:, j] *= np.repeat(factors[None], s, axis=0)
    return trials


def _along(points: np.ndarray, direction: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return points[:, None, :] + offsets[None, :, None] * direction


def _refine(screen, points: np.ndarray, values: np.ndarray, direction, size: float) -> None:
    """Ever smaller moves along a direction, down to far below the spacing of the points."""
    for _ in range(REFINEMENTS):
        offsets = size * np.linspace(-1, 1, LOCAL)
        _keep_best(screen, points, values, _along(points, direction, offsets))
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
