"""Conclude on the solution of a fit: what a model's symmetries and its loss ask for."""

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel
from surefit.networks.dense import Dense
from surefit.networks.gauge import gauge, no_gauge
from surefit.problem.constraints import Constraints
from surefit.search.hints import has_kinks, step_coordinates
from surefit.search.jumps import jumps_of
from surefit.search.solution import Solution
from surefit.uncertainty.conclusion import Conclusion, Gauge, conclude
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
    constraints = solution.constraints
    conclusion = conclude(
        solution.problem,
        solution.point,
        solution.status,
        solution.evidence,
        step_coordinates(model, constraints),
        gauge_of(model, constraints),
        model.conversion(),
        jumps_of(model, data, loss, constraints),
        has_kinks=has_kinks(model),
    )
    if loss.is_likelihood:
        return conclusion
    return with_sandwich(solution.problem, loss, conclusion)


def gauge_of(model: AbstractModel, constraints: Constraints) -> Gauge | None:
    """The free scales of a network's units, unless a parameter that is held or limited sets one.

    Sums of smooth units have none. None for models that are neither network nor sum of units.
    """
    if not isinstance(model, Dense) and adaptive_form(model) is None:
        return None
    if not isinstance(model, Dense) or constraints.is_any:
        return no_gauge
    return lambda values: gauge(model, values)
