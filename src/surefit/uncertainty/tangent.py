"""What the data determine of a network: the combinations along which its tangent can be trusted."""

import dataclasses

import numpy as np

from surefit.minimizers.gauss_newton import Polish
from surefit.problem.base import AbstractProblem, Factored
from surefit.uncertainty.covariance import SHARE, Covariance
from surefit.uncertainty.saturated import settle_saturated

# Part of one standard deviation along a combination that may not cost more than all of it should;
# factor within which one standard deviation of a single parameter, all others held, has to cost
# that. Beyond, the error means nothing.
NEAR, FACTOR = 0.1, 10.0
# Singular values, relative to the largest with columns of unit length, that are rounding.
ROUNDING = 1e-12
# Part of its variance that directions not determined may add to a parameter that counts as
# determined.
ADDED = 0.1
# Fall of −2 ln L, per degree of freedom, after which directions are judged anew; and how often at
# most: at a point that still moves, directions count as determined that at the end do not.
MOVED, JUDGEMENTS = 1e-3, 5
# Steps at most; promises, per degree of freedom, that are not worth a step (it would move the
# curve by a ten-thousandth of its error), and not worth a second attempt; and the damping, in
# units of the curvature, at which no step helps.
STEPS, NO_PROMISE, LITTLE, MOST_DAMPING = 40, 1e-8, 1e-6, 1e6
# Steps over which −2 ln L, per degree of freedom, has to fall by more than this to go on.
PATIENCE, PROGRESS = 4, 1e-4


@dataclasses.dataclass(frozen=True, eq=False)
class _Directions:
    """One standard deviation along each combination of parameters, from the Jacobian's SVD.

    Attributes:
        sigma: Rows of parameter changes, shape (k, q).
        scaled: The same with columns of the Jacobian scaled to unit length: orthonormal rows.
        scale: What turns scaled parameters into the parameters, shape (q,).
        slope: Half the derivative of −2 ln L along each, shape (k,).
    """

    sigma: np.ndarray
    scaled: np.ndarray
    scale: np.ndarray
    slope: np.ndarray


def follow_tangents(problem: AbstractProblem, point: np.ndarray) -> tuple[Polish, Covariance]:
    """Polish a point along the combinations that the data determine, and state their covariance.

    A combination counts as determined if one standard deviation along it is about that: a tenth of
    it costs less than 1 in −2 ln L (per degree of freedom). Where units merge it is not: there the
    curvature is next to nothing, and one standard deviation of it leads far out of the region in
    which it means anything. A unit that is a step between two points has such parameters by itself.

    Args:
        problem: A sum of squares without parameters at a limit.
        point: A point near a minimum, shape (q,).

    Returns:
        The polished point, with the promise of a further step along what is determined; and the
        covariance.
    """
    value = float(problem.value(point[None])[0])
    polished, covariance = _follow(problem, point, value)
    for _ in range(JUDGEMENTS - 1):
        if value - polished.value <= MOVED * _per_degree(problem, value, len(point)):
            break
        point, value = polished.point, polished.value
        polished, covariance = _follow(problem, point, value)
    return polished, covariance


def _follow(problem: AbstractProblem, point: np.ndarray, value: float) -> tuple[Polish, Covariance]:
    unit = _per_degree(problem, value, len(point))
    factored = problem.factorize(point)
    idle = np.all(factored.triangle == 0, axis=0)
    if idle.any():
        point = settle_saturated(problem, point, idle, unit=unit)
        value, factored = float(problem.value(point[None])[0]), problem.factorize(point)
    if not np.isfinite(factored.triangle).all():
        none = np.zeros(len(point), dtype=bool)
        every = np.eye(len(point))
        nothing = Covariance(0 * every, 0, ~none, every, np.zeros(len(point)))
        return Polish(point, value, np.inf, 0, none), nothing
    sound = _sound(problem, point, value, factored.triangle, unit)
    directions = _directions(factored, sound, np.sqrt(unit))
    determined = _is_determined(problem, point, value, directions, unit)
    polished = _polished(problem, point, value, directions.sigma[determined])
    return polished, _covariance(directions, determined, np.sqrt(unit))


def _per_degree(problem: AbstractProblem, value: float, rank: int) -> float:
    # A perfect fit has no size of its own; its rounding must not count as one.
    return max(value / max(problem.n_terms - rank, 1), 1e-300)


def _sound(
    problem: AbstractProblem, point: np.ndarray, value: float, triangle: np.ndarray, unit: float
) -> np.ndarray:
    """Indices of the parameters that change the curve about as their derivatives say."""
    length = np.linalg.norm(triangle, axis=0)
    index = np.flatnonzero(length > 0)
    steps = np.eye(len(point))[index] * (np.sqrt(unit) / length[index, None])
    ends = problem.value(np.concatenate([point + steps, point - steps])).reshape(2, -1)
    # The mean of both sides: a slope, where the point is not stationary yet, does not matter.
    rise = (ends.mean(axis=0) - value) / unit
    return index[(rise > 1 / FACTOR) & (rise < FACTOR)]


def _directions(factored: Factored, sound: np.ndarray, size: float) -> _Directions:
    triangle = factored.triangle[:, sound]
    scale = 1 / np.linalg.norm(triangle, axis=0)
    left, values, rows = np.linalg.svd(triangle * scale, full_matrices=False)
    keep = values > ROUNDING * values.max(initial=0.0)
    every = np.eye(factored.triangle.shape[1])[sound]
    sigma = (rows * scale * (size / np.where(keep, values, np.inf)[:, None])) @ every
    slope = (left.T @ factored.rotated) * size
    return _Directions(sigma, rows @ every, scale @ every, slope)


def _is_determined(
    problem: AbstractProblem, point: np.ndarray, value: float, directions: _Directions, unit: float
) -> np.ndarray:
    """Whether −2 ln L rises along each direction about as its curvature says."""
    step, linear = NEAR * directions.sigma, 2 * NEAR * directions.slope
    ends = problem.value(np.concatenate([point + step, point - step])).reshape(2, -1)
    missed = np.abs(ends - value - np.stack([linear, -linear])).max(axis=0)
    return (missed <= unit) & step.any(axis=1)


def _polished(
    problem: AbstractProblem, point: np.ndarray, value: float, kept: np.ndarray
) -> Polish:
    """Damped Gauss–Newton steps within the span of the kept directions, while they help."""
    damping, edm = 0.0, np.inf
    history = [value]
    for _ in range(STEPS):
        factored = problem.factorize(point)
        left, size, rows = np.linalg.svd(factored.triangle @ kept.T, full_matrices=False)
        slope = left.T @ factored.rotated
        unit = _per_degree(problem, value, len(kept))
        edm = float(np.sum(slope**2)) / unit
        while edm > NO_PROMISE and damping < MOST_DAMPING:
            # In units of what the data say of each direction, 1 is strong damping.
            move = (size / (size**2 + damping * unit) * slope) @ rows
            trial = point - move @ kept
            trial_value = float(problem.value(trial[None])[0])
            if trial_value < value:
                break
            damping = 4 * max(damping, 0.05) if edm > LITTLE else np.inf
        else:
            break
        point, value, damping = trial, trial_value, damping / 8
        history.append(value)
        if len(history) > PATIENCE and history[-PATIENCE - 1] - value < PROGRESS * unit:
            break
    return Polish(point, value, edm, len(kept), np.zeros(len(point), dtype=bool))


def _covariance(directions: _Directions, determined: np.ndarray, size: float) -> Covariance:
    sigma = directions.sigma / size
    inside, outside = sigma[determined], sigma[~determined]
    variance = np.einsum("kq,kq->q", inside, inside)
    free = directions.scaled[~determined]
    takes_part = (free**2 > SHARE) & (
        (np.abs(outside) > np.sqrt(ADDED * variance)) | ~outside.any(axis=1, keepdims=True)
    )
    undetermined = takes_part.any(axis=0) | (variance == 0)
    rank = int(determined.sum())
    return Covariance(inside.T @ inside, rank, undetermined, free, directions.scale)
