"""Conclude on the solution of a fit: what a model's symmetries and its loss ask for."""

import numpy as np

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import Status
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel
from surefit.networks.dense import Dense
from surefit.networks.gauge import gauge, no_gauge
from surefit.problem.base import AbstractProblem
from surefit.problem.constraints import Constraints
from surefit.search.base import Evidence
from surefit.search.hints import has_kinks, step_coordinates
from surefit.search.jumps import jumps_of
from surefit.search.solution import Solution
from surefit.uncertainty.conclusion import Conclusion, conclude
from surefit.uncertainty.determined import Gauge
from surefit.uncertainty.sandwich import with_sandwich


def conclude_solution(
    model: AbstractModel, data: Data, loss: AbstractLoss, solution: Solution
) -> Conclusion:
    """Polish the best point of a model and judge it.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        solution: What the search found, and under which constraints.
    """
    parts = (model, data, loss, solution.constraints, solution.problem)
    return conclude_at(*parts, solution.point, solution.status, solution.evidence)


def conclude_at(
    model: AbstractModel,
    data: Data,
    loss: AbstractLoss,
    constraints: Constraints,
    problem: AbstractProblem,
    point: np.ndarray,
    status: Status,
    evidence: Evidence,
) -> Conclusion:
    """Polish a point of a model and judge it, wherever it comes from.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        constraints: What is known of the parameters.
        problem: The problem of the free coordinates.
        point: The point, shape (q,).
        status: What the minimizer said of it.
        evidence: What is known of other minima.
    """
    conclusion = conclude(
        problem,
        point,
        status,
        evidence,
        step_coordinates(model, constraints),
        gauge_of(model, constraints),
        model.conversion(),
        jumps_of(model, data, loss, constraints),
        has_kinks=has_kinks(model),
    )
    if loss.is_likelihood:
        return conclusion
    return with_sandwich(problem, loss, conclusion)


def gauge_of(model: AbstractModel, constraints: Constraints) -> Gauge | None:
    """The free scales of a network's units, unless a parameter that is held or limited sets one.

    Sums of smooth units have none. None for models that are neither network nor sum of units.
    """
    if not isinstance(model, Dense) and adaptive_form(model) is None:
        return None
    if not isinstance(model, Dense) or constraints.is_any:
        return no_gauge
    return lambda values: gauge(model, values)
