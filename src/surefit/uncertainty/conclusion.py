"""Judge the best point of a search: polish it, state its rank, and say how the fit ended."""

import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.minimizers.base import Status
from surefit.minimizers.gauss_newton import EDM_LIMIT, Polish, polish
from surefit.minimizers.kinks import leave_kink
from surefit.models.base import Conversion
from surefit.problem.base import AbstractProblem
from surefit.search.base import Evidence
from surefit.search.jumps import Jumps
from surefit.uncertainty.combinations import combinations_in_words
from surefit.uncertainty.confined import Confined, confine, polish_others, spread
from surefit.uncertainty.covariance import (
    Covariance,
    covariance_from_hessian,
    covariance_from_triangle,
    covariance_in_gauge,
)
from surefit.uncertainty.hessian import hessian_at
from surefit.uncertainty.remarks import jump_note, remarks_of
from surefit.uncertainty.tangent import follow_tangents

Gauge = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Point → directions along which the function is the same, and what is held to fix them, (k, q)."""

SCALES_ARE_FREE = (
    "The incoming weights of {n} unit(s) can be multiplied, and the outgoing ones divided, by any "
    "positive number without changing the curve. Such scales count as no degree of freedom; values "
    "and errors are those of the network whose units have incoming weights of norm 1."
)
RANK = (
    "The data determine {rank} of {n} combinations of the parameters, and with them the curve and "
    "its band; those parameters that also take part in others have a value but no error."
)
NO_RANK = (
    "No combination of the parameters changes the curve about as its derivative says, so there is "
    "no covariance: errors and the band are NaN."
)
# Parameters up to which a covariance is worth its cost, which grows with their third power.
MOST_FOR_COVARIANCE = 1200
# Singular values, relative to the largest with columns of unit length, below which a combination
# of the parameters of a network counts as undetermined: an error so large is not one of a curve
# that is nearly linear in its parameters, and its rounding would hide all other errors.
LEAST_OF_NETWORK = 1e-6
# The same for other models that are not stationary with all combinations that exceed rounding:
# no descent in double precision can follow what is so much worse determined than the rest.
BARELY_DETERMINED = 1e-10
# The same for combinations along which a network has to be stationary.
WELL_DETERMINED = 1e-4
# Decrease of −2 ln L per degree of freedom that a step may still promise where a curve is at its
# minimum: it moves the curve by a twentieth of its error, and it is what MIGRAD accepts.
CURVE_EDM = 2e-3
# Relative difference of two values of −2 ln L that may be rounding.
ROUNDING = 1e-12
# Parameters of a network up to which each combination is tried in turn.
MOST_FOLLOWED = 300


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
    gauge: Gauge | None = None,
    conversion: Conversion | None = None,
    jumps: Jumps | None = None,
    *,
    has_kinks: bool = False,
) -> Conclusion:
    """Polish the best point and judge it.

    Args:
        problem: The problem of the free parameters.
        point: The best point that the search found, shape (q,).
        found: What the minimizer said of it.
        evidence: What the search says about it.
        steps: Mask of step parameters: they have no curvature, so no error from one.
        gauge: For networks and sums of units, whose curve is what is fitted: that the data leave
            some parameters open is a remark there. It gives the model's continuous symmetries;
            errors are those of the parameters in the canonical form.
        conversion: How parameters are reported, so that remarks name what the user reads.
        jumps: What is known of parameters that move a jump and the curve as well.
        has_kinks: Whether the model bends where its parameters say.

    Returns:
        The conclusion; it never claims a minimum that is not one.
    """
    if not np.isfinite(point).all() or not np.isfinite(problem.value(point[None])[0]):
        return _nothing(problem, point, found)
    if len(point) > MOST_FOR_COVARIANCE:
        return _without_covariance(problem, point, found, evidence)
    cell = Confined.nothing(point) if jumps is None else confine(problem, point, steps, jumps)
    held = steps | cell.mask
    polished, covariance, n_scales, is_at_kink = _determined(
        *(problem, cell.point, held, gauge), has_kinks=has_kinks
    )
    smooth = np.flatnonzero(~polished.at_bound & ~held)
    full = np.zeros((len(steps),) * 2)
    full[np.ix_(smooth, smooth)] = covariance.matrix
    undetermined = np.zeros(len(steps), dtype=bool)
    undetermined[smooth] = covariance.undetermined
    if jumps is not None and cell.mask.any():
        undetermined |= _spread(full, problem, polished.point, smooth, cell, jumps)
    idle, flat = np.zeros((2, len(steps)), dtype=bool)
    idle[smooth], flat[smooth] = _without_curvature(problem, polished.point, smooth, covariance)
    rank = covariance.rank + int(np.sum(polished.at_bound | held))
    masks = (polished.at_bound, steps, cell.mask, undetermined, idle, flat)
    if conversion is None:
        remarks, notes = remarks_of(problem.names, *masks)
        if gauge is None:
            names = [problem.names[i] for i in smooth]
            free = (covariance.free, covariance.scale)
            notes += tuple(combinations_in_words(names, polished.point[smooth], *free))
    else:  # what takes part in a reported parameter is remarked on there
        involved = [(conversion.matrix != 0) @ mask for mask in masks]
        remarks, notes = remarks_of(conversion.parameters.names, *involved)
    notes += jump_note(problem.names, cell.at_jump)
    if n_scales:
        notes += (SCALES_ARE_FREE.format(n=n_scales),)
    is_curve = gauge is not None
    is_stationary = polished.edm <= (CURVE_EDM if is_curve else EDM_LIMIT)
    # A curve of which nothing is determined is stationary along nothing: no minimum at all.
    has_none = is_curve and rank == 0
    if is_curve and undetermined.any():
        notes = (NO_RANK if has_none else RANK.format(rank=rank, n=len(point) - n_scales), *notes)
    if has_none:
        full[:] = np.nan
    is_undetermined = bool(undetermined.any()) and (not is_curve or has_none)
    ending = _status(found, evidence, is_stationary or is_at_kink, is_undetermined)
    status = ending
    if ending is Status.converged:
        status = _where(polished, cell, is_at_kink=is_at_kink)
    return Conclusion(polished.point, polished.value, full, rank, status, remarks, notes)


def _determined(
    problem: AbstractProblem,
    point: np.ndarray,
    held: np.ndarray,
    gauge: Gauge | None,
    *,
    has_kinks: bool,
) -> tuple[Polish, Covariance, int, bool]:
    """The polished point, its covariance, the number of free scales, and if it is at a kink."""
    if gauge is None:
        polished, is_at_kink = polish_others(problem, point, held, has_kinks=has_kinks)
        least = None
        if problem.is_least_squares and not (polished.is_stationary or has_kinks):
            along, _ = polish_others(problem, point, held, least=BARELY_DETERMINED)
            if along.is_stationary and along.value <= polished.value * (1 + ROUNDING):
                polished, least = along, BARELY_DETERMINED
        smooth = np.flatnonzero(~polished.at_bound & ~held)
        return polished, _covariance(problem, polished, smooth, least), 0, is_at_kink
    n_scales = len(gauge(point)[0])
    is_limited = np.isfinite(problem.bounds).any()
    if problem.is_least_squares and not (n_scales or is_limited) and len(point) <= MOST_FOLLOWED:
        return *follow_tangents(problem, point), 0, False
    polished, is_at_kink = _polished_network(problem, point, has_kinks=n_scales > 0)
    smooth = np.flatnonzero(~polished.at_bound)
    covariance = _covariance(problem, polished, smooth, LEAST_OF_NETWORK, gauge(polished.point))
    return polished, covariance, n_scales, is_at_kink


def _polished_network(
    problem: AbstractProblem, point: np.ndarray, *, has_kinks: bool
) -> tuple[Polish, bool]:
    """Polish along what the data determine well; and whether it ended on a kink of the model."""
    polished = polish(problem, point, least=LEAST_OF_NETWORK)
    if polished.is_stationary:
        return polished, False
    # In a long curved valley the promise of steps along it means nothing.
    across = polish(problem, polished.point, least=WELL_DETERMINED)
    if across.is_stationary:
        return across, False
    if not has_kinks:
        return polished, False
    lower, is_at_kink = leave_kink(problem, polished.point)
    polished = polish(problem, lower, least=LEAST_OF_NETWORK)
    return polished, is_at_kink and not polished.is_stationary


def _covariance(
    problem: AbstractProblem,
    polished: Polish,
    smooth: np.ndarray,
    least: float | None,
    free: tuple[np.ndarray, np.ndarray] | None = None,
) -> Covariance:
    if not problem.is_least_squares:
        hessian = hessian_at(problem, polished.point)
        return covariance_from_hessian(hessian[np.ix_(smooth, smooth)])
    triangle = problem.factorize(polished.point).triangle[:, smooth]
    if free is None or not len(free[0]) or len(smooth) < len(polished.point):
        return covariance_from_triangle(triangle, least=least)
    return covariance_in_gauge(triangle, *free, least=least)


def _spread(
    full: np.ndarray,
    problem: AbstractProblem,
    point: np.ndarray,
    smooth: np.ndarray,
    cell: Confined,
    jumps: Jumps,
) -> np.ndarray:
    """Add to a covariance what varies within a cell; a mask of what has no end there, (q,)."""
    confined = np.flatnonzero(cell.mask)
    squares, follow = spread(problem, point, smooth, confined, jumps)
    open_ended = np.zeros(len(point), dtype=bool)
    open_ended[confined] = ~np.isfinite(squares)
    squares = np.where(np.isfinite(squares), squares, 0.0)
    full[np.ix_(smooth, smooth)] += (follow * squares) @ follow.T
    full[np.ix_(smooth, confined)] = follow * squares
    full[np.ix_(confined, smooth)] = (follow * squares).T
    full[confined, confined] = squares
    return open_ended


def _without_curvature(
    problem: AbstractProblem, point: np.ndarray, smooth: np.ndarray, covariance: Covariance
) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the smooth parameters that do not move the curve, and of those only the loss."""
    has_none = covariance.scale == 0
    if problem.is_least_squares or not has_none.any():
        return has_none, np.zeros_like(has_none)
    moves = (problem.linearize(point)[1][:, smooth] != 0).any(axis=0)
    return has_none & ~moves, has_none & moves


def _status(found: Status, evidence: Evidence, is_minimum: bool, is_undetermined: bool) -> Status:
    if found is Status.interrupted:
        return Status.interrupted
    if not is_minimum:
        gave_up = found in (Status.budget_exhausted, Status.not_finite, Status.merging)
        return found if gave_up else Status.not_stationary
    if found is Status.merging:
        return Status.merging
    if is_undetermined:
        return Status.undetermined
    return Status.converged if evidence.is_confirmed else Status.unconfirmed


def _where(polished: Polish, cell: Confined, *, is_at_kink: bool) -> Status:
    """What is special about a minimum."""
    if cell.at_jump.any():
        return Status.at_jump
    if is_at_kink or cell.at_kink.any():
        return Status.at_kink
    return Status.at_bound if polished.at_bound.any() else Status.converged


def _without_covariance(
    problem: AbstractProblem, point: np.ndarray, found: Status, evidence: Evidence
) -> Conclusion:
    """The conclusion for very many parameters: the minimizer's word on where it ended."""
    q = len(point)
    status = found
    if found is Status.converged and not evidence.is_confirmed:
        status = Status.unconfirmed
    note = (
        f"There are more than {MOST_FOR_COVARIANCE} parameters, so no covariance was computed: "
        "errors and the band are NaN, and every parameter counts as a degree of freedom."
    )
    value = float(problem.value(point[None])[0])
    remarks = dict.fromkeys(problem.names, "no covariance")
    return Conclusion(point, value, np.full((q, q), np.nan), q, status, remarks, (note,))


def _nothing(problem: AbstractProblem, point: np.ndarray, status: Status) -> Conclusion:
    q = len(problem.names)
    unknown = np.full((q, q), np.nan)
    is_cut_short = status in (Status.interrupted, Status.budget_exhausted)
    ending = status if is_cut_short else Status.not_finite
    return Conclusion(point, np.inf, unknown, q, ending, {}, ())
