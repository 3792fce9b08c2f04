"""Polish the best minima on all points, and let a second, different search look for better ones."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from surefit.search.growth.descent import Descended, descend
from surefit.search.growth.dictionary import tabulate
from surefit.search.growth.explore import Effort, block
from surefit.search.growth.growing import Growing, curves
from surefit.search.growth.moves import neighbors, refined
from surefit.search.growth.points import levels, thinned
from surefit.search.growth.pool import Pool, empty_pool

# Minima that are taken to more points, for a few steps; those polished at each finer level.
ADVANCE, ADVANCE_STEPS = 12, 6
FINALISTS = (4, 2)
# Steps of the polish at most, and the decrease, per degree of freedom, at which it ends.
POLISH_STEPS = 60
TOLERANCE = 1e-3
# Rounds of confirmation at most, at normal effort.
ROUNDS = 4
# Minima whose neighborhood is searched, and the part of the neighbors that is refined.
NEAR, PART = 3, 6


@dataclasses.dataclass(frozen=True, eq=False)
class Finish:
    """Polished minima.

    Attributes:
        levels: The sum on ever more points, at the end on all.
        found: The minima on all points, lowest first.
    """

    levels: tuple[Growing, ...]
    found: Descended

    def distance(self, other: Descended) -> float:
        """Squared distance of the best curves, whitened, extrapolated to all points."""
        first = self.levels[0]
        pair = [curves(first, d.q[:1], d.coefficient[:1])[0] for d in (self.found, other)]
        return float(np.sum((pair[0] - pair[1]) ** 2))


def finish(whole: Growing, size: int, q: np.ndarray, effort: Effort) -> Finish:
    """Polish minima that were found on few points.

    Args:
        whole: The sum on all points.
        size: How many points were few.
        q: Minima, lowest first.
        effort: Limits on the work.
    """
    on = tuple(whole.on(points) for points in levels(whole.points, size, effort.rng))
    return Finish(on, _polished(on, q))


def _polished(on: tuple[Growing, ...], q: np.ndarray) -> Descended:
    found = descend(on[0], q[:ADVANCE], steps=ADVANCE_STEPS)
    for i, growing in enumerate(on):
        best = found.best(FINALISTS[min(i, len(FINALISTS) - 1)])
        found = descend(growing, best.q, steps=POLISH_STEPS, tolerance=TOLERANCE)
    return found.best(len(found.value))


def confirm(
    at: Finish, size: int, effort: Effort, *, is_thin: bool
) -> Iterator[tuple[Finish, bool]]:
    """Search again in another way, until a round finds nothing better.

    Each round has other points and another dictionary: neighbors of the best minima, with one unit
    shifted, sharpened or flattened; an independent block; and one from the best minima.

    Args:
        at: What was found first.
        size: How many points were few.
        effort: Limits on the work.
        is_thin: Whether the first search never came to the same minimum twice: then two rounds
            in a row have to find nothing better.

    Yields:
        The best after each round, and whether it is confirmed.
    """
    whole, passed = at.levels[-1], 0
    for _ in range(effort.times(ROUNDS)):
        others = whole.on(thinned(whole.points, size * 3 // 2, effort.rng))
        pool = _second_search(others, at, effort)
        effort.check(float(at.found.value[0]))
        merged = np.concatenate([at.found.q, pool.q[:ADVANCE]])
        new = Finish(at.levels, _polished(at.levels, merged))
        band = whole.per_degree(float(at.found.value[0])) * whole.n_parameters
        moved = at.distance(new.found) > band
        is_better = new.found.value[0] < at.found.value[0]
        passed = 0 if is_better and moved else passed + 1
        at = new if is_better else at
        # What nobody has found from scratch is not confirmed by searching around it.
        is_confirmed = passed > is_thin and effort.n_agree > 0
        yield at, is_confirmed
        if is_confirmed:
            return


def _second_search(growing: Growing, at: Finish, effort: Effort) -> Pool:
    pool = empty_pool(growing)
    elite = at.found.q[:NEAR]
    starts = np.concatenate([elite, neighbors(growing, elite, effort.rng)])
    found = refined(growing, starts, first=3, second=8, part=PART)
    pool = pool.add(growing, found, None)
    table = tabulate(growing, effort.rng, is_local=True)
    pool = block(growing, table, pool, effort, 0)
    effort.n_independent += 1
    effort.n_agree += bool(pool.blocks[0])
    return block(growing, table, pool, effort, None)
