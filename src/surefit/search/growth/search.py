"""Grow a sum of units to data: no starting values, and searches that have to agree."""

import dataclasses

import numpy as np

from surefit.bases.slopes import fill_for
from surefit.data.checked import Data
from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.models.units import AbstractAdaptiveModel
from surefit.problem.base import AbstractProblem
from surefit.search.base import AbstractSearch, Evidence
from surefit.search.growth.confirm import Standing, begun, counted, looked_around, started
from surefit.search.growth.coordinates import Coordinates, coordinates
from surefit.search.growth.dictionary import tabulate
from surefit.search.growth.explore import Effort, OutOfTime, begin, block, explore
from surefit.search.growth.growing import Growing, Scratch
from surefit.search.growth.offset import is_offset, saturated, with_constant
from surefit.search.growth.points import thinned
from surefit.search.growth.polish import COST, Polished, polish
from surefit.search.growth.pool import Pool, empty_pool

# Points on which most of the search is done, for one input and for several; and at least so many
# for each parameter.
SIZE = 256
SIZE_SEVERAL = 1024
SIZE_EACH = 6
# Nonlinear parameters beyond which growing unit by unit is slower than training from many starts.
MOST_SEARCHED = 200
# What the strength of the agreement has to be (two searches in each of which two blocks came to
# the same curve), and searches at most, at normal effort; half of them where no two agree.
NEEDED, SEARCHES = 3, 8
# Points for each parameter below which both are more, and how many times more at most: among few
# points there are many narrow minima, and a wide band holds too many curves.
UNCROWDED, MOST_CROWDED = 10.0, 6.0
SPENT = (
    "One unit was spent on the mean of y, which is far larger than its range; whether its tail "
    "could serve besides was not searched, so this is not confirmed. Add a Constant() to the model."
)
# Minima that get their last digits.
POLISHED = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Growth(AbstractSearch):
    """Grow adaptive models unit by unit and exchange units, instead of guessing starts.

    Many sums of units are chosen from dictionaries of centers × widths by steepest exchange and
    refined by Levenberg–Marquardt with the coefficients solved, all on a few weighted points; the
    best are polished on all points. Independent searches follow each other, with points and
    dictionaries of their own, until the best curve has been found again, to within its confidence
    band, and a search around it, with other moves, finds nothing better.

    Least squares with independent errors only; ask `growth_refusal` first.

    Attributes:
        model: The model as a sum of units.
        data: The checked data.
        known: Points to refine as well, shape (k, q): a user's start.
    """

    model: AbstractAdaptiveModel
    data: Data
    known: np.ndarray

    def search(
        self,
        problem: AbstractProblem,
        minimizer: AbstractMinimizer,
        *,
        rng: np.random.Generator,
        budget: Budget,
        report: Report,
    ) -> tuple[Minima, Evidence]:
        """Find the lowest minimum; the minimizer is not needed, as the search has its own.

        It goes downhill in its own coordinates, in which all units of all sums are one array.
        """
        run = _Run(self, begin(rng, budget, report))
        try:
            run.carry_out()
        except KeyboardInterrupt:
            run.ending = "It was interrupted."
            run.status = Status.interrupted
        except OutOfTime:
            run.ending = "The time limit ended it early."
        return run.minima(problem), run.evidence()

    def __str__(self) -> str:
        return "growth search"


def growth_refusal(model: AbstractAdaptiveModel, data: Data) -> str | None:
    """Why a model cannot be grown, in a sentence.

    Returns:
        The sentence, or None if it can.
    """
    units = model.units()
    if units is None:
        return "The model is no sum of units."
    if fill_for(units.shape) is None:
        return f"Units of the shape {units.shape} have no slope to follow."
    if units.n_units * (1 + units.n_inputs) > MOST_SEARCHED:
        return "It has too many units for exchanging them one by one."
    if data.noise.covariance is not None:
        return "The errors are correlated."
    if coordinates(units, data) is None:
        return "What is added to the units is not the same for every output."
    return None


class _Run:
    """The state of one search."""

    def __init__(self, growth: Growth, effort: Effort) -> None:
        units = growth.model.units()
        assert units is not None
        self.is_offset = is_offset(units, growth.data)
        if self.is_offset:
            units = with_constant(units, growth.data)
        found = coordinates(units, growth.data)
        assert found is not None
        self.growth, self.effort = growth, effort
        self.coordinates: Coordinates = found
        several = found.points.n_inputs > 1
        whole = Growing(units.shape, units.n_units, found.points, Scratch())
        self.size = max(SIZE_SEVERAL if several else SIZE, SIZE_EACH * whole.n_parameters)
        self.whole = whole
        crowding = UNCROWDED * whole.n_parameters / found.points.degrees
        self.crowding = float(np.clip(crowding, 1.0, MOST_CROWDED))
        self.few, self.pool = self._fewer(0)
        self.standing: Standing | None = None
        self.leader: np.ndarray | None = None
        self.polished: list[Polished] = []
        # What is said of minima that could not be polished.
        self.ending, self.status, self.is_confirmed = "", Status.budget_exhausted, False

    def carry_out(self) -> None:
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
        if len(self.growth.known) and not self.is_offset:
            to_units = self.growth.model.to_units
            known = [self.coordinates.searched(to_units(point)) for point in self.growth.known]
            standing = started(standing, np.array(known))
        self.standing = standing
        return standing

    def _fewer(self, number: int) -> tuple[Growing, Pool]:
        """The sum on some of the points, other ones in each search; and an empty pool."""
        size = self.size * (2 + number % 2) // 2
        few = self.whole.on(thinned(self.whole.points, size, self.effort.rng))
        return few, empty_pool(few)

    def _keep(self, pool: Pool) -> None:
        self.pool = pool

    def minima(self, problem: AbstractProblem) -> Minima:
        """The polished minima, or the best so far, in the model's parameters."""
        ends = self.polished or self._unpolished()
        to_model = self.growth.model.from_units
        values = [self.coordinates.values(end.q, end.coefficient) for end in ends]
        if self.is_offset:
            values = [saturated(value, self.whole.shape, self.growth.data) for value in values]
        points = np.array([to_model(value) for value in values])
        status = tuple(end.status for end in ends)
        return Minima(points, problem.value(points), status, np.array([e.n_steps for e in ends]))

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
        if self.is_offset:
            text.append(SPENT)
        is_confirmed = self.is_confirmed and not self.is_offset
        return Evidence(n, n, len(values), agree, gap, is_confirmed, values[:50], tuple(text))
