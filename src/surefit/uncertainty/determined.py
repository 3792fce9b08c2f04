"""Polish a point along what the data determine of it, and state the covariance of that."""

import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.minimizers.gauss_newton import Polish, polish
from surefit.minimizers.kinks import leave_kink
from surefit.problem.base import AbstractProblem
from surefit.uncertainty.confined import polish_others
from surefit.uncertainty.covariance import (
    Covariance,
    covariance_from_hessian,
    covariance_from_triangle,
    covariance_in_gauge,
)
from surefit.uncertainty.hessian import hessian_at
from surefit.uncertainty.tangent import follow_tangents

Gauge = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Point → directions along which the function is the same, and what is held to fix them, (k, q)."""

# Singular values, relative to the largest with columns of unit length, below which a combination
# of the parameters of a network counts as undetermined: an error so large is not one of a curve
# that is nearly linear in its parameters, and its rounding would hide all other errors.
LEAST_OF_NETWORK = 1e-6
# The same for other models that are not stationary with all combinations that exceed rounding:
# no descent in double precision can follow what is so much worse determined than the rest.
BARELY_DETERMINED = 1e-10
# The same for combinations along which a network has to be stationary.
WELL_DETERMINED = 1e-4
# Relative difference of two values of −2 ln L that may be rounding.
ROUNDING = 1e-12
# Parameters of a network up to which each combination is tried in turn.
MOST_FOLLOWED = 300


@dataclasses.dataclass(frozen=True, eq=False)
class Determined:
    """A point that was polished along what the data determine.

    Attributes:
        polished: The point, and the promise of a further step.
        covariance: Of what is neither held nor at a limit.
        n_scales: How many scales of units are free.
        is_at_kink: Whether the point is at a kink of the model.
    """

    polished: Polish
    covariance: Covariance
    n_scales: int = 0
    is_at_kink: bool = False


def determine(
    problem: AbstractProblem,
    point: np.ndarray,
    held: np.ndarray,
    gauge: Gauge | None,
    *,
    has_kinks: bool,
) -> Determined:
    """Polish a point along what the data determine, and state the covariance of that.

    Args:
        problem: The problem of the free parameters.
        point: A point near a minimum, shape (q,).
        held: Mask of parameters that stay where they are: steps, and those confined to a cell.
        gauge: For networks and sums of units: the model's continuous symmetries.
        has_kinks: Whether the model bends where its parameters say.
    """
    if gauge is None:
        polished, is_at_kink = polish_others(problem, point, held, has_kinks=has_kinks)
        least = None
        if problem.is_least_squares and not (polished.is_stationary or has_kinks):
            along, _ = polish_others(problem, point, held, least=BARELY_DETERMINED)
            if along.is_stationary and along.value <= polished.value * (1 + ROUNDING):
                polished, least = along, BARELY_DETERMINED
        smooth = np.flatnonzero(~polished.at_bound & ~held)
        covariance = _covariance(problem, polished, smooth, least)
        return Determined(polished, covariance, is_at_kink=is_at_kink)
    n_scales = len(gauge(point)[0])
    is_limited = np.isfinite(problem.bounds).any()
    if problem.is_least_squares and not (n_scales or is_limited) and len(point) <= MOST_FOLLOWED:
        return Determined(*follow_tangents(problem, point))
    polished, is_at_kink = _polished_network(problem, point, has_kinks=n_scales > 0)
    smooth = np.flatnonzero(~polished.at_bound)
    covariance = _covariance(problem, polished, smooth, LEAST_OF_NETWORK, gauge(polished.point))
    return Determined(polished, covariance, n_scales, is_at_kink)


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
