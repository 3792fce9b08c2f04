"""−2 ln L in every cell along a line at once, by cumulative sums over the points that change side.

Where a line moves nothing but steps, what a point contributes to −2 ln L changes only where this
point changes side. A few evaluations give all contributions of all points; adding up the changes in
the order in which points change side gives all cells, however many there are.
"""

import dataclasses

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.problem.projected import Projected, solve_scaled
from surefit.search.edges import Crossings

# Most evaluations: with more, points change side too often for this to be worth it.
MOST = 24
# Difference between two evaluations of one contribution, relative to the largest of its column,
# that is rounding.
ROUNDING = 1e-12


def values_in_cells(
    screen: AbstractProblem,
    point: np.ndarray,
    line: np.ndarray,
    places: np.ndarray,
    crossings: Crossings,
) -> np.ndarray | None:
    """−2 ln L at places along a line, with the linear parameters at their best.

    Args:
        screen: The problem, with linear parameters projected out.
        point: A point of that problem, shape (q,).
        line: The direction, shape (q,).
        places: The values of t, one in each cell, increasing, shape (c,).
        crossings: Where points change side on point + t · line.

    Returns:
        The values, shape (c,), exact but for the rounding of long sums; None where −2 ln L is no
        such sum, as the line also moves the curve between its jumps, or where that is too costly.
    """
    stays = _stays(places, crossings)
    if stays is None:
        return None
    chosen = _piercing(stays.first, stays.last)
    if len(chosen) > MOST:
        return None
    terms = np.stack([_terms(screen, point + places[i] * line) for i in chosen])
    now = _terms(screen, point)
    if stays.point.max(initial=-1) >= len(now):
        return None
    # What each point contributes between two of its crossings was seen at one of those places.
    own = terms[np.searchsorted(chosen, stays.first), stays.point]
    here = min(int(np.searchsorted(places, 0.0)), len(places) - 1)
    if np.any((crossings.places > 0) & (crossings.places < places[here])):
        here -= 1  # 0 is beyond the middle of its cell
    is_here = (stays.first <= here) & (here <= stays.last)
    expected = terms[0].copy()
    expected[stays.point[is_here]] = own[is_here]
    others = np.setdiff1d(np.arange(len(now)), stays.point)
    if not _same(expected, now) or not _same(terms[:, others], terms[:1, others]):
        return None
    products = _products(own)
    follows = np.diff(stays.point, prepend=-1) == 0
    changes = products[follows] - products[np.flatnonzero(follows) - 1]
    order = np.argsort(stays.first[follows], kind="stable")
    start = _products(terms[0]).sum(axis=0)
    sums = np.cumsum(np.vstack([start[None], changes[order]]), axis=0)
    n_changed = np.searchsorted(stays.first[follows][order], np.arange(len(places)), side="right")
    return _best_values(sums[n_changed], now.shape[1])


@dataclasses.dataclass(frozen=True, eq=False)
class _Stays:
    """Where points stay on one side, by point and then in order.

    Attributes:
        point: Which point, shape (k,).
        first: Index of the first place there, shape (k,).
        last: Index of the last place there, shape (k,).
    """

    point: np.ndarray
    first: np.ndarray
    last: np.ndarray


def _stays(places: np.ndarray, crossings: Crossings) -> _Stays | None:
    """The stays of all points that change side between the first and the last place."""
    begins = np.searchsorted(places, crossings.places)  # the first place beyond each crossing
    inside = (begins > 0) & (begins < len(places))
    begins, points = begins[inside], crossings.points[inside]
    if np.any(points < 0):
        return None
    # Each point that changes side is also somewhere from the first place on; some crossings are
    # found several times. One number for both, point and place, sorts in a tenth of the time.
    both = np.concatenate([points, points]) * len(places)
    both[: len(points)] += begins
    point, first = np.divmod(np.unique(both), len(places))
    is_last = np.diff(point, append=-1) != 0
    last = np.where(is_last, len(places) - 1, np.append(first[1:], 0) - 1)
    return _Stays(point, first, last)


def _piercing(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The fewest indices of which each range has one, increasing; at least one, at most `MOST` + 1.

    Args:
        first: First index of each range, shape (k,).
        last: Last index of each range, shape (k,).
    """
    chosen = []
    while len(last) and len(chosen) <= MOST:
        chosen.append(int(last.min()))
        left = first > chosen[-1]
        first, last = first[left], last[left]
    return np.array(chosen or [0])


def _terms(screen: AbstractProblem, point: np.ndarray) -> np.ndarray:
    """What each term contributes: derivatives by linear parameters, and the rest, (k, l + 1)."""
    if not isinstance(screen, Projected):
        return screen.linearize(point)[0][:, None]
    full = screen.joined(point[None], np.zeros((1, len(screen.solved))))[0]
    residuals, jacobian = screen.problem.linearize(full)
    return np.column_stack([jacobian[:, screen.solved], residuals])


def _same(some: np.ndarray, other: np.ndarray) -> bool:
    size = np.abs(other).max(axis=0, initial=0.0)
    with np.errstate(invalid="ignore"):  # not finite: not the same
        return bool(np.all(np.abs(some - other) <= ROUNDING * size))


def _products(terms: np.ndarray) -> np.ndarray:
    """Products of all pairs of columns, shape (k, (l + 1)(l + 2)/2)."""
    first, second = np.triu_indices(terms.shape[1])
    return terms[:, first] * terms[:, second]


def _best_values(sums: np.ndarray, n_columns: int) -> np.ndarray:
    """The least sums of squares, from the sums of products of columns of each cell."""
    first, second = np.triu_indices(n_columns)
    matrix = np.empty((len(sums), n_columns, n_columns))
    matrix[:, first, second] = matrix[:, second, first] = sums
    inner, slope, value = matrix[:, :-1, :-1], matrix[:, :-1, -1:], matrix[:, -1, -1]
    step = solve_scaled(inner, slope)
    return np.maximum(value - (slope * step).sum(axis=(1, 2)), 0.0)
