"""One growth search: independent explorations until the best curve has been found again."""

import numpy as np

from surefit.minimizers.base import Status
from surefit.models.units import AbstractShape
from surefit.search.base import Evidence
from surefit.search.growth.confirm import Standing, begun, counted, looked_around, started
from surefit.search.growth.dictionary import tabulate
from surefit.search.growth.explore import Effort, OutOfTime, block, explore
from surefit.search.growth.growing import Growing, Scratch
from surefit.search.growth.points import Points, thinned
from surefit.search.growth.polish import COST, Polished, polish
from surefit.search.growth.pool import Pool, empty_pool

# Points on which most of the search is done, for one input and for several; and at least so many
# for each parameter.
SIZE = 256
SIZE_SEVERAL = 1024
SIZE_EACH = 6
# What the strength of the agreement has to be (two searches in each of which two blocks came to
# the same curve), and searches at most, at normal effort; half of them where no two agree.
NEEDED, SEARCHES = 3, 8
# Points for each parameter below which both are more, and how many times more at most: among few
# points there are many narrow minima, and a wide band holds too many curves.
UNCROWDED, MOST_CROWDED = 10.0, 6.0
# Minima that get their last digits.
POLISHED = 2


class Run:
    """The state of one search."""

    def __init__(
        self, shape: AbstractShape, n_units: int, points: Points, known: np.ndarray, effort: Effort
    ) -> None:
        """Prepare it.

        Args:
            shape: The shape of the units.
            n_units: How many there are.
            points: The data in search coordinates.
            known: Sums to refine as well, shape (k, n, 1 + D).
            effort: Limits on the work.
        """
        self.known, self.effort = known, effort
        several = points.n_inputs > 1
        whole = Growing(shape, n_units, points, Scratch())
        self.size = max(SIZE_SEVERAL if several else SIZE, SIZE_EACH * whole.n_parameters)
        self.whole = whole
        crowding = UNCROWDED * whole.n_parameters / points.degrees
        self.crowding = float(np.clip(crowding, 1.0, MOST_CROWDED))
        self.few, self.pool = self._fewer(0)
        self.standing: Standing | None = None
        self.leader: np.ndarray | None = None
        self.polished: list[Polished] = []
        # What is said of minima that could not be polished.
        self.ending, self.status, self.is_confirmed = "", Status.budget_exhausted, False

    def carry_out(self) -> None:
        """Search, agree and polish; keep what there is if interrupted or out of time."""
        try:
            self._carry_out()
        except KeyboardInterrupt:
            self.ending = "It was interrupted."
            self.status = Status.interrupted
        except OutOfTime:
            self.ending = "The time limit ended it early."

    def _carry_out(self) -> None:
        """Search until enough independent searches agree and nothing better is nearby; polish."""
        standing, looked_at = self._search(0, None), None
        most = self.effort.times(self.crowding * SEARCHES)
        while not self.is_confirmed:
            if self._agrees(standing):
                if looked_at is not standing.band:
                    looked_at = standing.band
                    standing = looked_around(standing, self.size, self.effort)
                self.standing, self.is_confirmed = standing, self._agrees(standing)
            n = len(standing.ends)
            if self.is_confirmed or n >= (most if standing.n_agree > 1 else most // 2):
                break
            standing = self._search(n, standing)
        found = standing.found
        self.standing = standing
        self.polished = [polish(self.whole, found.q[0])]
        # Another of equal value may have a better end.
        reachable = self.polished[0].value - COST * self.whole.per_degree(found.value[0])
        others = found.q[1:POLISHED][found.value[1:POLISHED] < reachable]
        self.polished += [polish(self.whole, q) for q in others]

    def _agrees(self, standing: Standing) -> bool:
        """Whether enough has come to the best curve, independently."""
        return standing.n_agree >= 2 and standing.strength >= self.effort.times(
            self.crowding * NEEDED
        )

    def _search(self, number: int, standing: Standing | None) -> Standing:
        """One more independent search, with points and dictionaries of its own."""
        self.few, self.pool = self._fewer(number)
        is_local, seen = number % 2 == 1, self.leader
        found = explore(self.few, self.effort, self._keep, is_local=is_local, seen=seen)
        q, count = found.pool.q, found.count
        if standing is not None:
            self.standing = counted(standing, q, count)
            if self.standing.band is not standing.band:
                self.leader = found.leader
            return self.standing
        self.leader = found.leader
        standing = begun(self.whole, self.size, q, count, self.effort)
        if len(self.known):
            standing = started(standing, self.known)
        self.standing = standing
        return standing

    def _fewer(self, number: int) -> tuple[Growing, Pool]:
        """The sum on some of the points, other ones in each search; and an empty pool."""
        size = self.size * (2 + number % 2) // 2
        few = self.whole.on(thinned(self.whole.points, size, self.effort.rng))
        return few, empty_pool(few)

    def _keep(self, pool: Pool) -> None:
        self.pool = pool

    @property
    def ends(self) -> list[Polished]:
        """The polished minima, best first, or the best so far."""
        return self.polished or self._unpolished()

    def _unpolished(self) -> list[Polished]:
        """What there is if the search ended early."""
        if not len(self.pool):  # not even one block was finished
            table = tabulate(self.few, self.effort.rng, is_local=False)
            self.pool = block(self.few, table, self.pool, self.effort, 0)
        found = self.pool if self.standing is None else self.standing.found
        return [
            Polished(q, coefficient, float(value), self.status, 0)
            for q, coefficient, value in zip(
                found.q[:POLISHED], found.coefficient, found.value, strict=False
            )
        ]

    def evidence(self) -> Evidence:
        """What the search saw."""
        standing = self.standing
        if standing is None:
            nothing = ("Not one search was finished.", self.ending)
            return Evidence(0, 0, 0, 0, float("nan"), False, (), nothing)
        n, agree, gap = len(standing.ends), standing.n_agree, standing.gap
        values = standing.distinct_values
        text = [
            f"{agree} of {n} independent growth searches, each with points and units of its own, "
            "ended at this curve to within its band."
        ]
        text.append(
            "A search around it, with other points and other moves, found nothing better."
            if self.is_confirmed
            else "That does not confirm it."
        )
        unit = self.whole.per_degree(float(standing.found.value[0]))
        if gap <= unit:
            text.append(
                f"Another curve, outside this one's band, has -2 ln L higher by only {gap:.2g}: "
                "the data cannot tell the two apart."
            )
        if self.ending:
            text.append(self.ending)
        return Evidence(n, n, len(values), agree, gap, self.is_confirmed, values[:50], tuple(text))
