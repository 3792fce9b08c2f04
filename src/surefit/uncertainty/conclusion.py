"""Judge the best point of a search: polish it, state its rank, and say how the fit ended."""

import dataclasses

import numpy as np

from surefit.minimizers.base import Status
from surefit.minimizers.gauss_newton import Polish, polish
from surefit.problem.base import AbstractProblem
from surefit.search.base import Evidence
from surefit.uncertainty.covariance import (
    Covariance,
    covariance_from_hessian,
    covariance_from_triangle,
)
from surefit.uncertainty.hessian import hessian_at

# Coefficients this many times larger than the data's spread that cancel mean a fit at infinity.
ABSURD = 1e6


@dataclasses.dataclass(frozen=True, eq=False)
class Conclusion:
    """What is concluded of a minimum.

    Attributes:
        point: The polished point, shape (q,).
        value: −2 ln L there.
        covariance: Covariance of the free parameters, zero at limits and for steps.
        rank: Combinations of parameters that the data determine, step parameters included.
        status: How the fit ended.
        remarks: Why a parameter has no error, by name.
        notes: Sentences for the report.
    """

    point: np.ndarray
    value: float
    covariance: np.ndarray
    rank: int
    status: Status
    remarks: dict[str, str]
    notes: tuple[str, ...]


def conclude(
    problem: AbstractProblem,
    point: np.ndarray,
    found: Status,
    evidence: Evidence,
    steps: np.ndarray,
) -> Conclusion:
    """Polish the best point and judge it.

    Args:
        problem: The problem of the free parameters.
        point: The best point that the search found, shape (q,).
        found: What the minimizer said of it.
        evidence: What the search says about it.
        steps: Mask of step parameters: they have no curvature, so no error from one.

    Returns:
        The conclusion; it never claims a minimum that is not one.
    """
    if not np.isfinite(point).all() or not np.isfinite(problem.value(point[None])[0]):
        return _nothing(problem, point, found)
    # On the way to a minimum at infinity, further steps would only make parameters larger.
    polished = polish(problem, point, steps=0 if found is Status.merging else 30)
    smooth = np.flatnonzero(~polished.at_bound & ~steps)
    covariance = _covariance(problem, polished, smooth)
    full = np.zeros((len(steps),) * 2)
    full[np.ix_(smooth, smooth)] = covariance.matrix
    undetermined = np.zeros(len(steps), dtype=bool)
    undetermined[smooth] = covariance.undetermined
    rank = covariance.rank + int(np.sum(polished.at_bound | steps))
    remarks, notes = _remarks(problem.names, polished.at_bound, steps, undetermined)
    status = _status(found, polished, undetermined, evidence)
    return Conclusion(polished.point, polished.value, full, rank, status, remarks, notes)


def _covariance(problem: AbstractProblem, polished: Polish, smooth: np.ndarray) -> Covariance:
    if problem.is_least_squares:
        triangle = problem.factorize(polished.point).triangle
        return covariance_from_triangle(triangle[:, smooth])
    hessian = hessian_at(problem, polished.point)
    return covariance_from_hessian(hessian[np.ix_(smooth, smooth)])


def _status(
    found: Status, polished: Polish, undetermined: np.ndarray, evidence: Evidence
) -> Status:
    if found is Status.interrupted:
        return Status.interrupted
    if not polished.is_stationary:
        gave_up = found in (Status.budget_exhausted, Status.not_finite, Status.merging)
        return found if gave_up else Status.not_stationary
    if undetermined.any():
        return Status.undetermined
    if not evidence.is_confirmed:
        return Status.unconfirmed
    return Status.at_bound if polished.at_bound.any() else Status.converged


def _remarks(names, at_bound, steps, undetermined) -> tuple[dict[str, str], tuple[str, ...]]:
    remarks: dict[str, str] = {}
    for name, limited, step, free in zip(names, at_bound, steps, undetermined, strict=True):
        if limited:
            remarks[name] = "at its limit"
        elif step:
            remarks[name] = "step: no curvature"
        elif free:
            remarks[name] = "not determined"
    notes = []
    if steps.any():
        which = _listed(names, steps)
        notes.append(
            f"The fit jumps as {which} cross data points, so they have no error from curvature; "
            "the center of the best interval between points is given."
        )
    if undetermined.any():
        which = _listed(names, undetermined)
        notes.append(f"The data do not determine {which} separately; the curve is not affected.")
    return remarks, tuple(notes)


def _listed(names, mask: np.ndarray) -> str:
    chosen = [name for name, is_in in zip(names, mask, strict=True) if is_in]
    shown = ", ".join(chosen[:8])
    return shown + (f" and {len(chosen) - 8} more" if len(chosen) > 8 else "")


def _nothing(problem: AbstractProblem, point: np.ndarray, status: Status) -> Conclusion:
    q = len(problem.names)
    unknown = np.full((q, q), np.nan)
    ending = status if status is Status.interrupted else Status.not_finite
    return Conclusion(point, np.inf, unknown, q, ending, {}, ())
