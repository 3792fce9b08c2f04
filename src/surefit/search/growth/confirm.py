"""Independent searches whose best curves are compared, and a look around the best of all."""

import dataclasses

import numpy as np

from surefit.search.base import SAME
from surefit.search.growth.agreement import Band, band
from surefit.search.growth.descent import Descended, descend
from surefit.search.growth.explore import Effort
from surefit.search.growth.growing import Growing, curves
from surefit.search.growth.moves import neighbors, refined
from surefit.search.growth.points import levels, thinned
from surefit.search.growth.pool import empty_pool

# Minima that are taken to more points, for a few steps; those polished at each finer level.
ADVANCE, ADVANCE_STEPS = 12, 6
# Fewer where a standing has to be beaten.
CHALLENGERS = 4
FINALISTS = (4, 2)
# Steps of the polish at most, and the decrease, per degree of freedom, at which it ends.
POLISH_STEPS = 60
TOLERANCE = 1e-3
# Steps from a user's start.
START_STEPS = 16
# Minima whose neighborhood is searched, and the part of the neighbors that is refined.
NEAR, PART = 2, 8


@dataclasses.dataclass(frozen=True, eq=False)
class Standing:
    """What all searches so far have come to.

    Attributes:
        levels: The sum on ever more points, at the end on all.
        found: The best minima on all points, lowest first.
        band: The best curve and its band, on the first level.
        ends: The best curve of each independent search, on the first level, shape (k, N).
        values: χ² of each of these, shape (k,).
        counts: How many independent blocks came to it within each search, shape (k,).
    """

    levels: tuple[Growing, ...]
    found: Descended
    band: Band
    ends: np.ndarray
    values: np.ndarray
    counts: np.ndarray

    @property
    def n_agree(self) -> int:
        """Independent searches that ended at the best curve, to within its band."""
        return int(self.band.holds(self.ends).sum())

    @property
    def strength(self) -> float:
        """Independent blocks that came to the best curve, less half the searches that did not.

        Where searches end at many different curves, that some of them are the same may be chance.
        """
        is_same = self.band.holds(self.ends)
        return float(self.counts[is_same].sum() - np.sum(~is_same) / 2)

    @property
    def gap(self) -> float:
        """How much higher the lowest other curve is, of those that searches ended at; NaN if none.

        On the first level of points.
        """
        is_same = self.band.holds(self.ends)
        if is_same.all() or not is_same.any():
            return float("nan")
        return float(self.values[~is_same].min() - self.values[is_same].min())

    @property
    def distinct_values(self) -> tuple[float, ...]:
        """χ² of the distinct curves that searches ended at, lowest first.

        On the first level of points.
        """
        values = np.sort(self.values)
        differs = np.diff(values, prepend=-np.inf) > SAME * self.levels[0].per_degree(values[0])
        return tuple(float(value) for value in values[differs])


def begun(whole: Growing, size: int, q: np.ndarray, count: int, effort: Effort) -> Standing:
    """The standing after the first search.

    Args:
        whole: The sum on all points.
        size: How many points were few.
        q: The minima of the search, lowest first.
        count: How many independent blocks came to the first.
        effort: Source of randomness.
    """
    on = tuple(whole.on(points) for points in levels(whole.points, size, effort.rng))
    first = _polished(on[:1], q)
    found = first if len(on) == 1 else _polished(on, first.q)
    ends = curves(on[0], first.q[:1], first.coefficient[:1])
    return Standing(on, found, _band(on[0], found), ends, first.value[:1], np.array([count]))


def started(at: Standing, q: np.ndarray) -> Standing:
    """The standing with the user's starts refined as well; no search has found what they lead to.

    Args:
        at: The standing before.
        q: Starts, shape (k, n, 1 + D).
    """
    return _lowered(at, _polished(at.levels[:1], descend(at.levels[0], q, steps=START_STEPS).q))


def counted(at: Standing, q: np.ndarray, count: int) -> Standing:
    """The standing after another independent search.

    Args:
        at: The standing before.
        q: Its minima, lowest first.
        count: How many independent blocks came to the first.
    """
    first = _polished(at.levels[:1], q[:CHALLENGERS])
    curve = curves(at.levels[0], first.q[:1], first.coefficient[:1])
    ends, values = np.concatenate([at.ends, curve]), np.append(at.values, first.value[0])
    counts = np.append(at.counts, count)
    return dataclasses.replace(_lowered(at, first), ends=ends, values=values, counts=counts)


def looked_around(at: Standing, size: int, effort: Effort) -> Standing:
    """The standing after a search around the best minima, with other points.

    It tries their neighbors, with one unit shifted, sharpened or flattened. What it finds nobody
    has found from scratch.

    Args:
        at: The standing before.
        size: How many points are few.
        effort: Limits on the work.
    """
    whole = at.levels[-1]
    few = whole.on(thinned(whole.points, size * 3 // 2, effort.rng))
    elite = at.found.q[:NEAR]
    starts = np.concatenate([elite, neighbors(few, elite, effort.rng)])
    pool = empty_pool(few).add(few, refined(few, starts, first=3, second=8, part=PART), None)
    effort.check(float(at.found.value[0]))
    return _lowered(at, _polished(at.levels[:1], pool.q[:CHALLENGERS]))


def _lowered(at: Standing, first: Descended) -> Standing:
    """The standing with more minima, which were polished on the first level of points."""
    is_same = at.band.holds(curves(at.levels[0], first.q[:1], first.coefficient[:1]))
    n_levels = len(at.levels)
    if is_same.all() and n_levels > 1:
        return at
    found = first if n_levels == 1 else _polished(at.levels, first.q)
    if not found.value[0] < at.found.value[0]:
        return at
    return dataclasses.replace(at, found=found, band=_band(at.levels[0], found))


def _band(growing: Growing, found: Descended) -> Band:
    at = descend(growing, found.q[:1], steps=0)
    return band(growing, at.q[0], at.coefficient[0], float(at.value[0]))


def _polished(on: tuple[Growing, ...], q: np.ndarray) -> Descended:
    found = descend(on[0], q[:ADVANCE], steps=ADVANCE_STEPS)
    for i, growing in enumerate(on):
        best = found.best(FINALISTS[min(i, len(FINALISTS) - 1)])
        found = descend(growing, best.q, steps=POLISH_STEPS, tolerance=TOLERANCE)
    return found.best(len(found.value))
