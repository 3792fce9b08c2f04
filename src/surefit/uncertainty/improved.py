"""A lower minimum met on the way along a profile, as a fit of its own."""

import dataclasses
from typing import Any, TypeVar

import numpy as np

from surefit.data.data_sets import with_outputs
from surefit.minimizers.base import Status
from surefit.problem.build import build_problem
from surefit.uncertainty.judging import conclude_at
from surefit.uncertainty.refitting import origin_of, warm_refits

IMPROVED = (
    "It was met on the way along a profile of a fit whose search had missed it, so no search has "
    "confirmed it: fit again with start= these values for one that has."
)
Fitted = TypeVar("Fitted")


def improved_fit(fit: Fitted, working: np.ndarray) -> Fitted | None:
    """The fit that ends at a lower minimum than this one.

    Args:
        fit: A `Fit`.
        working: All parameters at a point where −2 ln L is lower, shape (p,).

    Returns:
        The fit at the minimum below that point, `unconfirmed` because the search that made the
        first one had missed it; or None if going downhill from there leads nowhere lower.
    """
    record: Any = fit
    model, data, loss, constraints = record.model, record.data, record.loss, record.constraints
    origin = dataclasses.replace(origin_of(record), working=working)
    refit = warm_refits(origin, with_outputs(data, data.y[None]))
    if not refit.value[0] < record.deviance:
        return None
    problem, coordinates = build_problem(model, data, loss, constraints), constraints.coordinates
    evidence = dataclasses.replace(
        record.evidence, is_confirmed=False, missed=float("nan"), explanation=(IMPROVED,)
    )
    parts = (model, data, loss, constraints, problem)
    conclusion = conclude_at(*parts, refit.points[0], Status.converged, evidence)
    working = coordinates.expand(conclusion.point[None])[0]
    with np.errstate(all="ignore"):
        residuals = data.y - np.asarray(model.evaluate(working, data.x))
    return dataclasses.replace(
        record,
        working=working,
        working_covariance=coordinates.covariance(conclusion.point, conclusion.covariance),
        deviance=conclusion.value,
        rss=float(np.sum(residuals**2)),
        rank=conclusion.rank,
        remarks=constraints.remarks() | coordinates.remarks(conclusion.remarks, working),
        status=conclusion.status,
        evidence=evidence,
        notes=conclusion.notes,
    )
