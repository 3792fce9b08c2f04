"""Judge the best point of a search: polish it, state its rank, and say how the fit ended."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from surefit.minimizers.base import Status
from surefit.minimizers.gauss_newton import EDM_LIMIT, Polish
from surefit.models.base import Conversion
from surefit.problem.base import AbstractProblem
from surefit.search.base import Evidence
from surefit.search.jumps import Jumps
from surefit.uncertainty.combinations import combinations_in_words
from surefit.uncertainty.confined import Confined, confine, spread
from surefit.uncertainty.covariance import Covariance
from surefit.uncertainty.determined import Gauge, determine
from surefit.uncertainty.remarks import jump_note, remarks_of

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
# Decrease of −2 ln L per degree of freedom that a step may still promise where a curve is at its
# minimum: it moves the curve by a twentieth of its error, and it is what MIGRAD accepts.
CURVE_EDM = 2e-3


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
    determined = determine(problem, cell.point, held, gauge, has_kinks=has_kinks)
    polished, covariance = determined.polished, determined.covariance
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
    is_curve = gauge is not None
    free = None if is_curve else (covariance.free, covariance.scale)
    remarks, notes = _in_words(problem, polished.point, smooth, masks, free, conversion)
    notes += jump_note(problem.names, cell.at_jump)
    if determined.n_scales:
        notes += (SCALES_ARE_FREE.format(n=determined.n_scales),)
    if is_curve and undetermined.any():
        n = len(point) - determined.n_scales
        notes = (RANK.format(rank=rank, n=n) if rank else NO_RANK, *notes)
    is_stationary = polished.edm <= (CURVE_EDM if is_curve else EDM_LIMIT)
    # A curve of which nothing is determined is stationary along nothing: no minimum at all.
    is_undetermined = bool(undetermined.any()) and not (is_curve and rank)
    if is_curve and not rank:
        full[:] = np.nan
    ending = _status(found, evidence, is_stationary or determined.is_at_kink, is_undetermined)
    status = ending
    if ending is Status.converged:
        status = _where(polished, cell, is_at_kink=determined.is_at_kink)
    return Conclusion(polished.point, polished.value, full, rank, status, remarks, notes)


def _in_words(
    problem: AbstractProblem,
    point: np.ndarray,
    smooth: np.ndarray,
    masks: Sequence[np.ndarray],
    free: tuple[np.ndarray, np.ndarray] | None,
    conversion: Conversion | None,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Why parameters have no error: remarks by name, and notes, in terms of what is reported."""
    if conversion is not None:  # what takes part in a reported parameter is remarked on there
        involved = [(conversion.matrix != 0) @ mask for mask in masks]
        return remarks_of(conversion.parameters.names, *involved)
    remarks, notes = remarks_of(problem.names, *masks)
    if free is None:
        return remarks, notes
    names = [problem.names[i] for i in smooth]
    return remarks, (*notes, *combinations_in_words(names, point[smooth], *free))


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
