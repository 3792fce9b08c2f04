"""Grow a sum of units one by one: each sum begins from the best sums with one unit less."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from surefit.data.checked import Data
from surefit.minimizers.base import Budget, silent
from surefit.models.units import Units, UnitValues
from surefit.search.growth.confirm import begun
from surefit.search.growth.coordinates import Coordinates, coordinates
from surefit.search.growth.descent import Descended
from surefit.search.growth.dictionary import (
    Dictionary,
    tabulate,
    whitened_columns,
    whitened_targets,
)
from surefit.search.growth.exchange import SMALLEST_NEW
from surefit.search.growth.explore import SECOND, TURNED, Effort, begin, block, easier_form
from surefit.search.growth.growing import Growing, Scratch
from surefit.search.growth.moves import refined, turned
from surefit.search.growth.points import thinned
from surefit.search.growth.pool import Pool, empty_pool
from surefit.search.growth.run import SIZE, SIZE_EACH, SIZE_SEVERAL

# Sums that get one more unit, and units that each is tried with.
PARENTS, CHILDREN = 6, 16
# Rounds in which units of the best sums are replaced, after each new unit.
ROUNDS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Grown:
    """The best sum of so many units that was found.

    Attributes:
        growing: The sum on all points, in the search's coordinates.
        coordinates: Between these and the user's.
        found: The best one, a batch of one.
    """

    growing: Growing
    coordinates: Coordinates
    found: Descended

    @property
    def deviance(self) -> float:
        """χ² of it."""
        return float(self.found.value[0])

    def values(self) -> UnitValues:
        """Its parameters, as a sum of units in the user's coordinates."""
        q, coefficient = self.found.q[0], self.found.coefficient[0]
        n_own = self.growing.n + len(self.coordinates.extra.columns)
        values = self.coordinates.values(q, coefficient[:, :n_own])
        if coefficient.shape[1] == n_own:
            return values
        # The constant that made the search easier.
        at = self.coordinates
        constant = coefficient[:, n_own].ravel() * at.scale / at.factor
        return dataclasses.replace(values, extra=np.concatenate([values.extra, constant]))


def climb(units: Units, data: Data, rng: np.random.Generator) -> Iterator[tuple[Grown, ...]]:
    """Sums of 1, 2, … units without end, each made from those before it and their exchanges.

    Where turning a unit around makes a constant (logistic units), both the sum as it is and the
    sum with a constant come out of one climb, in this order: the second is searched, being the
    easier one, and its minima are turned so that they need no constant.

    This is a climb, not a search: nothing confirms a minimum. `Growth` does, from such a start.

    Args:
        units: The sum; the number of its units is not used. Ask `growth_refusal` first.
        data: The checked data.
        rng: Source of randomness.

    Yields:
        The sum, and, if it is another, the sum with a constant.
    """
    found = coordinates(units, data)
    assert found is not None, "growth_refusal has been asked"
    effort = begin(rng, Budget(), silent)
    pool: Pool | None = None
    n = 0
    while True:
        n += 1
        plain = Growing(units.shape, n, found.points, Scratch())
        easier = easier_form(plain)
        whole = easier or plain
        few = whole.on(thinned(whole.points, _size(whole), rng))
        table = tabulate(few, rng, is_local=n % 2 == 1)
        pool = _with_one_more(few, table, pool, effort)
        grown = _on_all_points(whole, pool.q, effort)
        here = dataclasses.replace(found, units=dataclasses.replace(units, n_units=n))
        if easier is None:
            yield (Grown(plain, here, grown),)
            continue
        few_plain = plain.on(dataclasses.replace(few.points, extra=few.points.extra[:-1]))
        starts = turned(few_plain, few, pool.q, pool.value, TURNED)
        without = refined(few_plain, starts, first=4, second=SECOND, part=3)
        without = _on_all_points(plain, without.best(12).q, effort)
        yield Grown(plain, here, without), Grown(whole, here, grown)


def _size(whole: Growing) -> int:
    several = whole.points.n_inputs > 1
    return max(SIZE_SEVERAL if several else SIZE, SIZE_EACH * whole.n_parameters)


def _on_all_points(whole: Growing, q: np.ndarray, effort: Effort) -> Descended:
    return begun(whole, _size(whole), q, 1, effort).found.best(1)


def _with_one_more(few: Growing, table: Dictionary, pool: Pool | None, effort: Effort) -> Pool:
    """The pool of sums with one more unit than those in the pool."""
    new = empty_pool(few)
    if pool is not None:
        starts = _grafted(few, table, pool.q[:PARENTS])
        new = new.add(few, refined(few, starts, first=2, second=SECOND, part=3), None)
    new = block(few, table, new, effort, 0)
    for _ in range(ROUNDS):
        new = block(few, table, new, effort, None)
    return new


def _grafted(few: Growing, table: Dictionary, parents: np.ndarray) -> np.ndarray:
    """Each parent with each of the atoms that promise most beside it, shape (S, n, 1 + D)."""
    target, pieces = whitened_targets(few.points), []
    for parent in parents:
        basis = np.linalg.qr(whitened_columns(few, parent).T.astype(float))[0].T
        residual = target - (target @ basis.T) @ basis
        # What is new in an atom is not more than what its unit norm leaves beside the parent.
        new = 1 - np.sum((table.columns @ basis.T.astype(np.float32)) ** 2, axis=1)
        products = residual.astype(np.float32) @ table.columns.T
        gain = np.sum(products**2, axis=0) / np.maximum(new, SMALLEST_NEW)
        added = table.atoms[_best_of_each_level(table.level, gain)][:, None]
        repeated = np.repeat(parent[None], len(added), axis=0)
        pieces.append(np.concatenate([repeated, added], axis=1))
    return np.concatenate(pieces)


def _best_of_each_level(level: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Indices of the atoms of largest gain, a few of each width: neighbors are much alike."""
    order = np.argsort(gain, kind="stable")[::-1]
    each = -(-CHILDREN // (int(level.max()) + 1)) + 1
    seen = np.zeros(int(level.max()) + 1, dtype=int)
    chosen = []
    for atom in order:
        if seen[level[atom]] < each:
            seen[level[atom]] += 1
            chosen.append(atom)
        if len(chosen) == CHILDREN:
            break
    return np.array(chosen)
