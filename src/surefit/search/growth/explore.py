"""One search: blocks of growth and exchange, on few points, until independent ones agree."""

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from surefit.minimizers.base import Budget, Report
from surefit.search.growth.descent import Descended, descend
from surefit.search.growth.dictionary import Dictionary, has_constant, tabulate
from surefit.search.growth.exchange import exchange, random_support
from surefit.search.growth.growing import Growing
from surefit.search.growth.moves import mutated_support, refined, turned
from surefit.search.growth.pool import Pool, empty_pool

# Sums that are grown in one block, each from a random choice of units.
STREAMS = 32
# Most pairs of blocks in one search; independent ones that have to agree before it is enough.
PAIRS = 4
AGREE = 2
# Minima from which blocks in turn start with some units replaced.
ELITE = 12
# Levenberg-Marquardt steps for all sums of a block, then for the best part of them.
FIRST, SECOND, PART = 2, 8, 3
# Largest |y|, in units of its range, from which one unit may be worth spending on a constant.
SMALL_OFFSET = 10.0
# Starts with turned units, where there is no constant; minima of which one unit is doubled.
TURNED = 48
DOUBLED = 12


class OutOfTime(Exception):
    """The wall time of the budget is used up."""


@dataclasses.dataclass(eq=False)
class Effort:
    """What a search may spend, and what it has done; shared by its phases.

    Attributes:
        rng: Source of randomness.
        budget: Limits on the work.
        report: Called with the progress.
        deadline: When to stop, on the monotonic clock, or None.
    """

    rng: np.random.Generator
    budget: Budget
    report: Report
    deadline: float | None

    def times(self, count: float) -> int:
        """A count at normal effort, at the effort asked for; at least 2."""
        return max(2, round(count * self.budget.starts))

    def check(self, value: float) -> None:
        """Report the progress; raise `OutOfTime` at the deadline."""
        self.report("growth", value)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise OutOfTime


def begin(rng: np.random.Generator, budget: Budget, report: Report) -> Effort:
    """The effort of one search, from now on."""
    deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
    return Effort(rng, budget, report, deadline)


def block(
    growing: Growing, table: Dictionary, pool: Pool, effort: Effort, number: int | None
) -> Pool:
    """Supports chosen from a dictionary, exchanged, refined, and put into the pool.

    Args:
        growing: The sum on few points.
        table: A dictionary on these points.
        pool: The minima so far.
        effort: Source of randomness.
        number: By which the pool remembers what an independent block found; it starts from
            random units. None starts from the best minima, with some units replaced.
    """
    if number is None and len(pool):
        support = mutated_support(growing, table, effort.rng, STREAMS, pool.q[:ELITE])
    else:
        support = random_support(table, effort.rng, STREAMS, growing.n)
    atoms = table.atoms[exchange(table, support)]
    found = refined(growing, atoms, first=FIRST, second=SECOND, part=PART)
    return pool.add(growing, found, number)


@dataclasses.dataclass(frozen=True, eq=False)
class Explored:
    """What one search found.

    Attributes:
        pool: The minima; the search knew of no other.
        leader: The best sum that blocks came to, shape (1, n, 1 + D); without a constant, of the
            sum with one.
        count: How many blocks, each from random units, came to it, at least 1.
    """

    pool: Pool
    leader: np.ndarray
    count: int


def explore(
    growing: Growing,
    effort: Effort,
    keep: Callable[[Pool], None],
    *,
    is_local: bool,
    seen: np.ndarray | None = None,
) -> Explored:
    """Blocks in turn independent and mutated, until enough independent ones agree.

    Without a constant the landscape is harder: where turning units around gives a constant, the
    sum with a constant is explored first, and its minima are then turned so that none is needed.
    Blocks without a constant follow, unless the minima are those that an earlier search turned.

    Args:
        growing: The sum on few points.
        effort: Limits on the work.
        keep: Told the minima after each block, so that they are not lost if the search ends.
        is_local: What dictionaries to use: see `tabulate`.
        seen: The leader of an earlier search. This one does not use it, but when it has come to
            the same curve by itself there is no need to go on.
    """
    easier = easier_form(growing)
    form = easier or growing
    goal = None if seen is None else descend(form, seen, steps=SECOND)
    pool = _blocks(form, effort, keep if easier is None else _forget, is_local, goal)
    leader, count = pool.q[:1], max(1, len(pool.blocks[0]))
    if easier is None:
        return Explored(pool, leader, count)
    starts = turned(growing, easier, pool.q, pool.value, TURNED)
    starts = np.concatenate([starts, _with_constant(growing, easier, effort, is_local)])
    found = refined(growing, starts, first=4, second=SECOND, part=PART)
    is_again = goal is not None and pool.begins_with(form, goal)
    pool = empty_pool(growing).add(growing, found, None)
    keep(pool)
    if is_again:
        return Explored(pool, leader, count)
    table = tabulate(growing, effort.rng, is_local=is_local)
    for number in (0, None):
        pool = block(growing, table, pool, effort, number)
        keep(pool)
        effort.check(float(pool.value[0]))
    return Explored(pool, leader, count)


def _with_constant(growing: Growing, easier: Growing, effort: Effort, is_local: bool) -> np.ndarray:
    """Starts with one unit spent on a constant, where y hardly differs from one.

    Either one unit is added whose tail is the constant, or one is added that is another turned
    around: s(z) + s(−z) is constant, and the difference of their coefficients does what the one
    unit did before.

    Returns:
        Shape (k, n, 1 + D); none where all units are of better use.
    """
    y, n = growing.points.y, growing.n
    ratio = np.abs(y).max() / max(float(np.ptp(y, axis=2).max()), 1e-12)
    if n < 2 or ratio < SMALL_OFFSET:
        return np.zeros((0, n, 1 + growing.points.n_inputs))
    q = _blocks(dataclasses.replace(easier, n=n - 1), effort, _forget, is_local).q
    unit = np.zeros((len(q), 1, 1 + growing.points.n_inputs))
    # So far in its tail that what it varies by is of the size of the rest.
    unit[:, :, 0], unit[:, :, 1] = np.log(ratio), 0.5
    best = q[:DOUBLED]
    doubled = [np.concatenate([best, -best[:, j : j + 1]], axis=1) for j in range(n - 1)]
    return np.concatenate([np.concatenate([q, unit], axis=1), *doubled])


def _forget(pool: Pool) -> None:
    """Keep nothing: minima of another sum."""


def _blocks(
    growing: Growing,
    effort: Effort,
    keep: Callable[[Pool], None],
    is_local: bool,
    goal: Descended | None = None,
) -> Pool:
    pool = empty_pool(growing)
    for number in range(PAIRS):
        table = tabulate(growing, effort.rng, is_local=is_local)
        for mark in (number, None):
            pool = block(growing, table, pool, effort, mark)
            keep(pool)
            effort.check(float(pool.value[0]))
            if len(pool.blocks[0]) >= AGREE or (goal and pool.begins_with(growing, goal)):
                return pool
    return pool


def easier_form(growing: Growing) -> Growing | None:
    """The sum with a constant, if it has none and turning a unit around makes one."""
    points = growing.points
    if growing.shape.symmetry.constant == 0 or has_constant(points):
        return None
    extra = np.concatenate([points.extra, np.ones((1, len(points)))])
    return growing.on(points.with_extra(extra))
