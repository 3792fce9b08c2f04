"""Put a problem together from model, data, loss and what the user knows."""

import numpy as np

from surefit.data.checked import Data
from surefit.data.data_sets import DataSets
from surefit.exceptions import TooFewPoints
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractLinearModel, AbstractModel
from surefit.models.function import ResolvedFunction
from surefit.problem.base import AbstractProblem
from surefit.problem.bounded import Bounded
from surefit.problem.constraints import Constraints
from surefit.problem.fitted import fitted, stacked
from surefit.problem.held import Held
from surefit.problem.linear import Linear
from surefit.problem.mapped import Mapped
from surefit.problem.numerical import Numerical
from surefit.problem.penalized import Penalized
from surefit.problem.stacked import stacking_refusal


def build_problem(
    model: AbstractModel, data: Data, loss: AbstractLoss, constraints: Constraints
) -> AbstractProblem:
    """The problem of fitting a resolved model to data.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        constraints: What the user knows of the parameters.

    Returns:
        The problem of its free parameters.

    Raises:
        TooFewPoints: There are fewer terms than free parameters, and no penalty that holds them.
    """
    coordinates = constraints.coordinates
    n_free, n_known = len(coordinates.names), data.y.size + len(constraints.gaussian)
    if n_known < n_free and constraints.penalty is None:
        raise TooFewPoints(
            f"{model} has {n_free} free parameters but there are only {n_known} "
            "measurements; give more points, fix some parameters, or use a smaller model."
        )
    return _constrained(_unconstrained(model, data, loss), constraints, None)


def build_batch(
    model: AbstractModel, sets: DataSets, loss: AbstractLoss, constraints: Constraints
) -> AbstractProblem | None:
    """The problem of fitting a resolved model to many data sets, with one row for each.

    Args:
        model: The resolved model.
        sets: The data sets.
        loss: The loss.
        constraints: What the user knows of the parameters, the same for all.

    Returns:
        The problem, whose batches have as many points as there are rows; None if the data sets
        have to be fitted one at a time.
    """
    is_numerical = isinstance(model, ResolvedFunction) and bool(model.untraceable)
    if is_numerical or stacking_refusal(sets, model) is not None:
        return None
    linear = np.array(model.structure.linear) if isinstance(model, ResolvedFunction) else None
    return _constrained(stacked(model, sets, loss, linear), constraints, sets.targets)


def _constrained(
    problem: AbstractProblem, constraints: Constraints, targets: np.ndarray | None
) -> AbstractProblem:
    """A problem of all parameters as one of the free coordinates."""
    coordinates = constraints.coordinates
    if len(constraints.gaussian):
        targets = constraints.gaussian.targets if targets is None else targets
        problem = Penalized(problem, constraints.gaussian.rows, targets)
    if constraints.penalty is not None:
        problem = Penalized(problem, constraints.penalty.rows, constraints.penalty.targets)
    if not coordinates.is_selection:
        return Mapped(problem, coordinates)
    if constraints.has_limits:
        problem = Bounded(problem, constraints.lower, constraints.upper)
    if not coordinates.free.all():
        free = np.flatnonzero(coordinates.free)
        problem = Held(problem, free, np.nan_to_num(constraints.fixed))
    return problem


def _unconstrained(model: AbstractModel, data: Data, loss: AbstractLoss) -> AbstractProblem:
    if isinstance(model, AbstractLinearModel) and loss.is_least_squares and data.reading.is_plain:
        return Linear(model, data)
    if isinstance(model, ResolvedFunction) and model.untraceable:
        return Numerical(model, data, loss)
    if isinstance(model, ResolvedFunction):  # an array of parameters may be linear in some only
        return fitted(model, data, loss, np.array(model.structure.linear, dtype=bool))
    return fitted(model, data, loss)
