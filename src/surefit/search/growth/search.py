"""Grow a sum of units to data: no starting values, and searches that have to agree."""

import dataclasses

import numpy as np

from surefit.bases.slopes import fill_for
from surefit.data.checked import Data
from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.models.units import AbstractAdaptiveModel, UnitValues
from surefit.problem.base import AbstractProblem
from surefit.search.base import AbstractSearch, Evidence
from surefit.search.growth.coordinates import coordinates
from surefit.search.growth.explore import begin
from surefit.search.growth.offset import is_offset
from surefit.search.growth.run import Run
from surefit.search.growth.tails import OffsetRun

# Nonlinear parameters beyond which growing unit by unit is slower than training from many starts.
MOST_SEARCHED = 200


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
        units, effort = self.model.units(), begin(rng, budget, report)
        assert units is not None
        if is_offset(units, self.data):
            run = OffsetRun(units, self.data, effort)
            run.carry_out()
            return self._minima(problem, run.sums()), run.evidence()
        found = coordinates(units, self.data)
        assert found is not None
        known = [found.searched(self.model.to_units(point)) for point in self.known]
        starts = np.array(known).reshape(-1, units.n_units, 1 + units.n_inputs)
        run = Run(units.shape, units.n_units, found.points, starts, effort)
        run.carry_out()
        sums = [(found.values(end.q, end.coefficient), end.status, end.n_steps) for end in run.ends]
        return self._minima(problem, sums), run.evidence()

    def _minima(
        self, problem: AbstractProblem, sums: list[tuple[UnitValues, Status, int]]
    ) -> Minima:
        """Sums, how each ended and its steps, in the model's parameters."""
        values, status, n_steps = zip(*sums, strict=True)
        points = np.array([self.model.from_units(one) for one in values])
        return Minima(points, problem.value(points), status, np.array(n_steps))

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
