"""Families that are searched: sums of sigmoids grown unit by unit, networks, the user's models."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from surefit.bases.sigmoids import Sigmoids
from surefit.data.checked import Data
from surefit.exceptions import NotAvailable, SurefitError
from surefit.minimizers.base import Budget
from surefit.models.base import AbstractModel
from surefit.models.function import as_model
from surefit.models.units import AbstractAdaptiveModel
from surefit.networks.dense import Dense
from surefit.problem.build import build_problem
from surefit.result import Fit
from surefit.search.growth.climb import Grown, climb
from surefit.search.growth.growing import centers, columns_of
from surefit.search.growth.search import growth_refusal
from surefit.selection.directions import Cells
from surefit.selection.rungs import Candidate, Rung
from surefit.selection.spent import spent_by_units

# Units at most; without growth, and widths of networks with two hidden layers.
UNITS, UNITS_SEARCHED, DEEP = 40, 3, (2, 3, 4)
# Part of the usual starts that a network with two hidden layers gets.
EFFORT = 0.2
NOT_POINTWISE = (
    "a value of {model} depends on more than its own x, so that it cannot be judged on {n} cells; "
    "give as many points or fewer."
)

Fitter = Callable[..., Fit]
"""Fits a model to the data in hand: fitter(model, start=None, budget=None)."""


def searched(
    data: Data, cells: Cells, models: Iterable[Any], fitter: Fitter, rng: np.random.Generator
) -> list[list[Rung]]:
    """The families that are searched, each in order of size.

    Args:
        data: The checked data.
        cells: The points, gathered.
        models: The user's, each a family of its own.
        fitter: Fits one in full.
        rng: Source of randomness.
    """
    families = [[_yours(model, data, cells, fitter)] for model in models]
    sums = [Sigmoids(n) for n in range(1, UNITS + 1)]
    hidden = [Dense(n) for n in range(1, UNITS + 1)]
    if np.all(data.inputs == data.inputs[:1]):
        return families
    units = Sigmoids(1).resolve(data)
    if growth_refusal(units, data) is None:
        climbs = Climbs(data, cells, rng)
        for which, (family, grown) in enumerate((("sigmoids", sums), ("hidden layer", hidden))):
            families.append([climbs.rung(family, model, which) for model in grown])
    else:
        for family, grown in (("sigmoids", sums), ("hidden layer", hidden)):
            some = grown[:UNITS_SEARCHED]
            families.append([_fitted(family, model, data, cells, fitter) for model in some])
    deep = [Dense(width, width) for width in DEEP]
    budget = Budget(starts=EFFORT)
    families.append(
        [_fitted("two hidden layers", model, data, cells, fitter, budget) for model in deep]
    )
    return families


def _yours(model: Any, data: Data, cells: Cells, fitter: Fitter) -> Rung:
    description = as_model(model)
    try:
        resolved = description.resolve(data)
        if not resolved.is_pointwise and len(cells.root) < data.n_points:
            raise NotAvailable(NOT_POINTWISE.format(model=description, n=len(cells.root)))
    except SurefitError as error:
        return _impossible(description, error)
    n_parameters = len(resolved.parameters().names)
    return Rung(
        *("yours", description, n_parameters, float(n_parameters)),
        lambda: judged(fitter(description), cells),
    )


def _impossible(model: AbstractModel, error: SurefitError) -> Rung:
    """A rung on which nobody can stand."""

    def make() -> Candidate:
        raise error

    return Rung("yours", model, 0, 0.0, make)


def _fitted(
    family: str,
    model: AbstractModel,
    data: Data,
    cells: Cells,
    fitter: Fitter,
    budget: Budget | None = None,
) -> Rung:
    """A rung that takes a whole fit; it is only worth that where nothing smaller will do."""
    n_parameters = len(model.resolve(data).parameters().names)
    spent = spent_by_units(n_parameters, n_units(model))

    def make() -> Candidate:
        return judged(fitter(model, budget=budget), cells)

    return Rung(family, model, n_parameters, spent, make, is_costly=True)


def n_units(model: AbstractModel) -> int:
    """Units of a sum of sigmoids or of a network."""
    return sum(model.hidden) if isinstance(model, Dense) else getattr(model, "n", 0)


def judged(fit: Fit, cells: Cells) -> Candidate:
    """A fit made in full, as the tests see it.

    Args:
        fit: The fit, of one output and pointwise.
        cells: The points, gathered.
    """
    data = fit.data
    with np.errstate(all="ignore"):
        prediction = np.asarray(fit.model.evaluate(fit.working, data.x))
    residuals = cells.gather((data.y - prediction)[:, 0], data.noise.sigma[:, 0])
    problem = build_problem(fit.model, cells.data, fit.loss, fit.constraints)
    point = fit.constraints.coordinates.of(fit.working[None])[0]
    tangent = problem.linearize(point)[1]
    return Candidate(fit.deviance, residuals, np.nan_to_num(tangent), fit=fit)


@dataclasses.dataclass(eq=False)
class Climbs:
    """Sums of units, each found from the one before; the sum with and without a constant at once.

    Attributes:
        data: The checked data.
        cells: The points, gathered.
        rng: Source of randomness.
    """

    data: Data
    cells: Cells
    rng: np.random.Generator

    def __post_init__(self) -> None:
        units = Sigmoids(1).resolve(self.data).units()
        self._climb: Iterator[tuple[Grown, ...]] = climb(units, self.data, self.rng)
        self._grown: list[tuple[Grown, ...]] = []

    def rung(self, family: str, model: AbstractModel, which: int) -> Rung:
        """A rung: number 0 is a sum without a constant, 1 one with it."""
        n, n_parameters = n_units(model), len(model.resolve(self.data).parameters().names)
        spent = spent_by_units(n_parameters, n)
        return Rung(family, model, n_parameters, spent, lambda: self._at(n, model, which))

    def _at(self, n: int, model: AbstractModel, which: int) -> Candidate:
        while len(self._grown) < n:
            self._grown.append(next(self._climb))
        grown, resolved = self._grown[n - 1][which], model.resolve(self.data)
        assert isinstance(resolved, AbstractAdaptiveModel)
        values = resolved.from_units(grown.values())
        prediction = np.asarray(resolved.evaluate(values, self.data.x))
        residuals = self.cells.gather((self.data.y - prediction)[:, 0], self.data.noise.sigma[:, 0])
        start = dict(zip(resolved.parameters().names, values.tolist(), strict=True))
        return Candidate(grown.deviance, residuals, _tangent(grown, self.cells.data), start)


def _tangent(grown: Grown, cells: Data) -> np.ndarray:
    """Derivatives at the cells, which have their own scaled coordinates; rows in their order."""
    at = grown.coordinates
    x = (cells.inputs - at.middle) / at.half
    weight = 1 / cells.noise.sigma.T**2
    extra = np.ones((len(grown.growing.points.extra), len(x)))
    order = np.argsort(x[:, 0], kind="stable")
    points = dataclasses.replace(
        grown.growing.points,
        x=x[order],
        weight=weight[:, order],
        y=np.zeros((1, 1, len(x))),
        extra=extra,
        excess=0.0,
    )
    growing, q = grown.growing.on(points), grown.found.q
    columns = columns_of(growing, q, centers(q), slice(None), 0)[0, :-1]
    tangent = np.empty((len(x), len(columns)))
    tangent[order] = columns.T
    return tangent
