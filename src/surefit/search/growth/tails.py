"""Search a sum of units of which one is a large constant and, with the end of its tail, a curve.

For a fixed rate of the tail, an exponential is one more column that is solved for; so units are
grown beside a constant and an exponential of each of many rates, and the rate is then refined.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.data.checked import Data
from surefit.minimizers.base import Status
from surefit.models.units import Units, UnitValues
from surefit.search.base import SAME, Evidence
from surefit.search.growth.agreement import band
from surefit.search.growth.coordinates import Coordinates, coordinates
from surefit.search.growth.descent import Descended, descend
from surefit.search.growth.explore import Effort
from surefit.search.growth.growing import Growing, Scratch, curves
from surefit.search.growth.moves import refined
from surefit.search.growth.offset import saturated, saturation, with_constant, with_tail
from surefit.search.growth.points import thinned
from surefit.search.growth.run import Run

# Rates that are tried with either sign, in units of the inverse half range of x: from a straight
# line with a slight bend to a decay within a hundredth of the range.
RATES = (0.05, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 100.0)
# Part of the usual effort for each of them; those refined, by at most a factor; steps at each rate
# while refining.
PART, REFINED, NEXT, STEPS = 0.5, 4, 3.0, 12
# Steps from sums with a unit less, then from the best part of them; starts that remain.
FIRST, SECOND, BEST, STARTS = 3, 8, 6, 6
# Further independent searches that have to come to the best curve, and at most, at normal effort.
NEEDED, AGAIN = 2, 8
# Accuracy of the logarithm of the rate, well below its error; the fit's own polish does the rest.
ACCURACY = 1e-3


@dataclasses.dataclass(frozen=True, eq=False)
class _Tailed:
    """A sum beside a constant and an exponential."""

    rate: float
    growing: Growing
    found: Descended

    @property
    def value(self) -> float:
        return float(self.found.value[0])


class OffsetRun:
    """The state of one search; it has what a `Run` has."""

    def __init__(self, units: Units, data: Data, effort: Effort) -> None:
        """Prepare it.

        Args:
            units: The sum, without a constant.
            data: The points, which hardly differ from a constant.
            effort: Limits on the work.
        """
        beside = with_constant(units, data)
        found = coordinates(beside, data)
        assert found is not None
        self.coordinates: Coordinates = found
        self.units, self.data, self.effort = units, data, effort
        self.none = np.zeros((0, beside.n_units, 1 + units.n_inputs))
        self.plain = Run(units.shape, beside.n_units, found.points, self.none, effort)
        self.tailed: list[_Tailed] = []
        self.again: list[_Tailed] = []
        self.n_tried = self.n_again = 0

    @property
    def has_tail(self) -> bool:
        """Whether the tail is one more column: there is one input and output, and it is known."""
        limit = saturation(self.units.shape)
        is_single = self.units.n_inputs == self.units.n_outputs == 1
        return limit is not None and limit.height != 0 and is_single

    def carry_out(self) -> None:
        """Search without a tail, then with tails of all rates, and refine the best."""
        self.plain.carry_out()
        if not self.has_tail or not self.plain.polished:
            return
        budget = self.effort.budget
        part = dataclasses.replace(budget, starts=budget.starts * PART)
        effort = dataclasses.replace(self.effort, budget=part)
        rates = np.array([*(-np.array(RATES[::-1])), *RATES])
        known = self._one_unit_less()
        began = [self._searched(rate, effort, known) for rate in rates if not self._is_over]
        self.n_tried = len(began)
        best = sorted((one for one in began if one is not None), key=lambda one: one.value)
        self.tailed = best[:1]
        if not self._is_over:
            self.tailed = _in_order(self._refined(one) for one in best[:REFINED])
            self._search_again()

    def _search_again(self) -> None:
        """Independent searches at rates near the best one, until enough end at the best curve."""
        for _ in range(self.effort.times(AGAIN)):
            best = self.tailed[0]
            factor = NEXT ** self.effort.rng.uniform(-1.0, 1.0)
            again = self._searched(best.rate * factor, self.effort, self.none)
            if self._is_over:
                return
            self.n_again += 1
            if again is None:
                continue
            again = self._refined(again)
            self.again.append(again)
            self.tailed = _in_order([*self.tailed, again])
            if self.is_confirmed:
                return

    @property
    def n_agree(self) -> int:
        """How many of the further searches ended at the best curve."""
        return sum(_is_same(self.tailed[0], one) for one in self.again)

    @property
    def is_confirmed(self) -> bool:
        """Whether enough of them did."""
        return not self._is_over and self.n_agree >= self.effort.times(NEEDED)

    def _one_unit_less(self) -> np.ndarray:
        """Minima of all units beside the constant, less a unit: a tail may take its place."""
        n, inner = self.units.n_units, self.none.shape[2]
        run = Run(
            self.units.shape, n, self.coordinates.points, np.zeros((0, n, inner)), self.effort
        )
        run.carry_out()
        self.plain.ending, self.plain.status = run.ending, run.status
        if run.standing is None:
            return self.none
        minima = np.concatenate([run.standing.found.q, run.pool.q])
        return np.concatenate([np.delete(minima, j, axis=1) for j in range(n)])

    @property
    def _is_over(self) -> bool:
        return self.plain.ending != ""

    def _growing(self, rate: float) -> Growing:
        """The units beside a constant and exp(−rate·x), in the coordinates of the search."""
        points = self.coordinates.points
        column = np.exp(-rate * points.x[:, 0] - abs(rate))
        extra = np.concatenate([points.extra, column[None] / np.sqrt(np.mean(column**2))])
        n_units = self.units.n_units - 1
        return Growing(self.units.shape, n_units, points.with_extra(extra), Scratch())

    def _searched(self, rate: float, effort: Effort, known: np.ndarray) -> _Tailed | None:
        """A search beside the tail, and from what is known; None if none has its sign."""
        growing = self._growing(rate)
        if len(known):
            few = growing.on(thinned(growing.points, self.plain.size, effort.rng))
            known = refined(few, known, first=FIRST, second=SECOND, part=BEST).best(STARTS).q
        run = Run(growing.shape, growing.n, growing.points, known, effort)
        run.carry_out()
        self.plain.ending, self.plain.status = run.ending, run.status
        if run.standing is None:
            return None
        found = run.standing.found
        for i in range(len(found.value)):
            one = _Tailed(rate, growing, found.rows(np.array([i])))
            if self._values(one) is not None:
                return one
        return None

    def _refined(self, one: _Tailed) -> _Tailed:
        """The same with the best rate nearby."""
        tried = [one]

        def value(logarithm: float) -> float:
            rate = float(np.sign(one.rate) * np.exp(logarithm))
            growing, nearest = self._growing(rate), min(tried, key=lambda each: each.value)
            found = descend(growing, nearest.found.q, steps=STEPS, tolerance=1e-6)
            there = _Tailed(rate, growing, found)
            if self._values(there) is not None:
                tried.append(there)
            return there.value

        size, most = np.log(abs(one.rate)), np.log(NEXT)
        scipy.optimize.minimize_scalar(
            value,
            bounds=(size - most, size + most),
            method="bounded",
            options={"xatol": ACCURACY},
        )
        return min(tried, key=lambda each: each.value)

    def _values(self, one: _Tailed) -> UnitValues | None:
        """The sum in the user's coordinates, if the tail is on the right side."""
        to_user, coefficient = self.coordinates, one.found.coefficient[0]
        values = to_user.values(one.found.q[0], coefficient[:, :-1])
        column = np.exp(-one.rate * one.growing.points.x[:, 0] - abs(one.rate))
        half, middle = float(to_user.half[0]), float(to_user.middle[0])
        factor = float(to_user.scale[0] / to_user.factor[0] / np.sqrt(np.mean(column**2)))
        # The logarithm of the height at x = 0 could overflow; at the middle of the data it cannot.
        height = float(coefficient[0, -1, 0]) * factor * np.exp(-abs(one.rate))
        return with_tail(values, self.units.shape, height, one.rate / half, middle)

    def sums(self) -> list[tuple[UnitValues, Status, int]]:
        """The best sums in the user's coordinates, how each ended, and the steps it took."""
        found = []
        for one in self.tailed[:1]:
            values = self._values(one)
            assert values is not None
            found.append((values, Status.converged, int(one.found.n_steps[0])))
        for end in self.plain.ends:
            values = self.coordinates.values(end.q, end.coefficient)
            values = saturated(values, self.units.shape, self.data)
            found.append((values, end.status, end.n_steps))
        return found

    def evidence(self) -> Evidence:
        """What the search saw."""
        if not self.tailed:
            seen = self.plain.evidence()
            text = (*seen.explanation, SPENT + NOT_SEARCHED)
            return dataclasses.replace(seen, is_confirmed=False, explanation=text)
        values = np.sort([one.value for one in self.tailed])
        unit = self.tailed[0].growing.per_degree(values[0])
        distinct = values[np.diff(values, prepend=-np.inf) > SAME * unit]
        gap = float(distinct[1] - distinct[0]) if len(distinct) > 1 else float("nan")
        text = (
            SPENT + "with its tail it adds an exponential.",
            f"Sums were grown beside tails of {self.n_tried} rates, and the best rates refined.",
            f"Of {self.n_again} further searches from nothing, beside tails of rates near the "
            f"best, {self.n_agree} ended at this curve to within its band.",
        )
        if self._is_over:
            text = (*text, self.plain.ending)
        n, values = self.n_tried + self.n_again, tuple(map(float, distinct))
        return Evidence(n, n, len(values), self.n_agree, gap, self.is_confirmed, values, text)


def _in_order(found: Iterable[_Tailed]) -> list[_Tailed]:
    return sorted(found, key=lambda one: one.value)


def _is_same(best: _Tailed, other: _Tailed) -> bool:
    """Whether another sum is the best one's curve, to within its band."""
    here = band(best.growing, best.found.q[0], best.found.coefficient[0], best.value)
    there = curves(other.growing, other.found.q, other.found.coefficient)
    return bool(here.holds(there)[0])


SPENT = "One unit was spent on the mean of y, which is far larger than its range; "
NOT_SEARCHED = (
    "whether its tail could serve besides was not searched, so this is not confirmed. Add a "
    "Constant() to the model."
)
