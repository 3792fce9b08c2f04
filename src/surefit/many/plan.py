"""How the rows are to be fitted: as one batch, or one by one and why."""

import dataclasses
from typing import Any

import numpy as np

from surefit.fitting import describe
from surefit.many.descent import RowProblem
from surefit.many.rows import Samples, keys_of
from surefit.many.states import Limits, Roles
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractLinearModel, AbstractModel, Sum
from surefit.models.function import ResolvedFunction
from surefit.problem.constraints import Constraints, check_constraints

# Free parameters up to which rows are fitted as a batch: its small matrices are written out.
MOST_PARAMETERS = 40
# Lengths of rows that cannot be padded: each is a compilation.
MOST_LENGTHS = 3
# Points of a row beyond which a fit by itself keeps the machine busy, and in less memory.
MOST_POINTS = 8192


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """How the rows are to be fitted.

    Attributes:
        description: The model in the form that works for every row.
        resolved: The model resolved on one of the rows, and so on all if they are a batch.
        constraints: What the user knows of the parameters.
        refusal: Why the rows cannot be a batch, in a sentence; empty if they can.
    """

    description: AbstractModel
    resolved: AbstractModel
    constraints: Constraints
    refusal: str

    @property
    def problem(self) -> RowProblem:
        """What all rows of the batch have in common."""
        constraints, p = self.constraints, len(self.constraints.fixed)
        free = np.flatnonzero(constraints.free)
        unlimited = np.isinf(constraints.lower) & np.isinf(constraints.upper)
        is_solved = (self.resolved.parameters().linear & unlimited)[free]
        roles = Roles(
            tuple(free.tolist()),
            tuple(np.flatnonzero(is_solved).tolist()),
            tuple(np.flatnonzero(~is_solved).tolist()),
        )
        held = np.where(constraints.free, 0.0, np.nan_to_num(constraints.fixed))
        assert len(held) == p
        return RowProblem(
            self.resolved, roles, Limits(held, constraints.lower[free], constraints.upper[free])
        )


def plan(model: Any, samples: Samples, start: Any, bounds: Any, fixed: Any) -> Plan:
    """Decide how to fit the rows.

    Args:
        model: The user's model.
        samples: The data; at least one row is usable.
        start: Starts of all rows by name, one of each.
        bounds: As for `surefit.fit`.
        fixed: As for `surefit.fit`.

    Returns:
        The plan.

    Raises:
        SurefitError: The model or an option cannot be used.
    """
    description = describe(model, start, bounds, fixed)
    reference = _reference(samples)
    resolved = description.resolve(samples.data(reference))
    if not samples.is_shared and not _is_function(resolved):
        direct = description.direct()
        others = [samples.data(row) for row in _others(samples, reference)]
        form = direct.resolve(samples.data(reference))
        if all(direct.resolve(data) == form for data in others):
            description, resolved = direct, form
        else:
            constraints = check_constraints(resolved.parameters(), start, bounds, fixed)
            refusal = f"{description} reads its domain off x, and the rows differ in x"
            return Plan(description, resolved, constraints, refusal)
    constraints = check_constraints(resolved.parameters(), start, bounds, fixed)
    return Plan(description, resolved, constraints, _refusal(resolved, samples, constraints))


def _is_function(model: AbstractModel) -> bool:
    return isinstance(model, ResolvedFunction)


def _reference(samples: Samples) -> int:
    """A usable row with the most points; which one does not depend on the order of the rows."""
    usable = samples.usable
    lengths = samples.n_points[usable]
    rows = usable[lengths == lengths.max()]
    if isinstance(samples.y, np.ndarray):
        y = samples.y if len(rows) == len(samples) else samples.y[rows]
    else:
        y = np.array([np.ma.compressed(samples.y[row]) for row in rows])
    return int(rows[np.argmin(keys_of([y]))])


def _others(samples: Samples, reference: int) -> list[int]:
    """A few more rows, to see whether a model is the same on them."""
    usable = samples.usable
    rows = usable[np.unique(np.linspace(0, len(usable) - 1, 5).astype(int))]
    return [int(row) for row in rows if row != reference]


def _refusal(model: AbstractModel, samples: Samples, constraints: Constraints) -> str:
    """Why the rows cannot be a batch."""
    parts = _parts(model)
    longest = int(samples.n_points[samples.usable].max())
    is_linear = all(isinstance(part, AbstractLinearModel) for part in parts)
    if longest > MOST_POINTS and not is_linear:
        return f"rows of {longest} points gain nothing from being fitted together"
    n_lengths = len(np.unique(samples.n_points[samples.usable]))
    if not model.is_pointwise and n_lengths > MOST_LENGTHS:
        return f"{model} does not compute each point by itself, and the rows differ in length"
    if any(isinstance(part, ResolvedFunction) and part.untraceable for part in parts):
        return f"{model} has only numerical derivatives"
    if any(isinstance(part, ResolvedFunction) and any(part.structure.jumping) for part in parts):
        return f"{model} has steps, whose cells are searched row by row"
    if not is_linear and adaptive_form(model) is not None:
        return f"{model} is grown unit by unit"
    if not all(isinstance(part, AbstractLinearModel | ResolvedFunction) for part in parts):
        return f"{model} has a search of its own"
    if constraints.free.sum() > MOST_PARAMETERS:
        return f"{model} has more than {MOST_PARAMETERS} free parameters"
    return ""


def _parts(model: AbstractModel) -> list[AbstractModel]:
    if isinstance(model, Sum):
        return [part for one in model.parts for part in _parts(one)]
    return [model]
