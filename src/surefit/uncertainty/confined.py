"""Parameters that move a jump and the curve: each is confined to its cell between data points.

Within a cell −2 ln L is smooth; at its walls a point changes side and −2 ln L jumps. So the lowest
point of the best cell is a minimum, be it inside or at a wall, and what can be said of such a
parameter from within is how it is spread over its cell.
"""

import dataclasses

import numpy as np

from surefit.minimizers.gauss_newton import Polish, polish
from surefit.minimizers.kinks import polish_kinked
from surefit.problem.base import AbstractProblem
from surefit.problem.bounded import Bounded
from surefit.problem.held import Held
from surefit.search.jumps import Jumps
from surefit.uncertainty.covariance import covariance_from_triangle

# Moves towards a wall; with several parameters each goes a part of the way.
MOVES = 40
# Standard deviations from both walls at which a parameter is like any other: its curvature tells.
AWAY = 3.0
# Rise of −2 ln L, in units of one standard deviation squared, that is no rise: −2 ln L is flat
# within the cell, or the same on both sides of a wall, where there is a kink, not a jump.
NO_RISE = 1e-6
# Part of a cell's width from a wall that is at the wall.
SNAP = 1e-7
# Part of a column beyond the others' span that is rounding.
ROUNDING = 1e-7
# Integration over a cell: points, and how far in units of the scale on which the weight falls.
POINTS, FAR = 2001, 12.0


@dataclasses.dataclass(frozen=True, eq=False)
class Confined:
    """The lowest point of a cell.

    Attributes:
        point: The point, shape (q,); where −2 ln L is flat along a parameter, its cell's middle.
        mask: The parameters that the walls of the cell matter for, shape (q,).
        at_jump: Those that would go on but for a jump.
        at_kink: Those that would go on but for a bend.
    """

    point: np.ndarray
    mask: np.ndarray
    at_jump: np.ndarray
    at_kink: np.ndarray

    @classmethod
    def nothing(cls, point: np.ndarray) -> "Confined":
        """No parameter has walls."""
        return cls(point, *np.zeros((3, len(point)), dtype=bool))


def polish_others(
    problem: AbstractProblem,
    point: np.ndarray,
    held: np.ndarray,
    *,
    has_kinks: bool = False,
    least: float | None = None,
) -> tuple[Polish, bool]:
    """Polish the parameters that are not held.

    Args:
        problem: The problem of the free parameters.
        point: Where to begin, shape (q,).
        held: Mask of the others, shape (q,).
        has_kinks: Whether the model bends where its parameters say.
        least: As of `polish`, for models that do not bend.

    Returns:
        The polished point, and whether it is a minimum on a kink.
    """

    def polished(part: AbstractProblem, begin: np.ndarray) -> tuple[Polish, bool]:
        if has_kinks:
            return polish_kinked(part, begin)
        return polish(part, begin, least=least), False

    free = np.flatnonzero(~held)
    if len(free) in (0, len(point)):
        return polished(problem, point)
    found, is_at_kink = polished(Held(problem, free, point), point[free])
    full, at_bound = point.copy(), np.zeros(len(point), dtype=bool)
    full[free], at_bound[free] = found.point, found.at_bound
    return dataclasses.replace(found, point=full, at_bound=at_bound), is_at_kink


def confine(
    problem: AbstractProblem, point: np.ndarray, steps: np.ndarray, jumps: Jumps
) -> Confined:
    """Go to the lowest point of the cell, and say which parameters its walls matter for.

    Args:
        problem: The problem of the free parameters.
        point: A point in the best cell, shape (q,).
        steps: Mask of the parameters that move only jumps, shape (q,).
        jumps: Where the walls of the others are.
    """
    polished = _lowest(problem, point, jumps)
    point, unit = polished.point, _unit(problem, polished, jumps)
    lower, upper = jumps.walls(point)
    own_lower, own_upper = problem.bounds
    moving = jumps.moving & (point > own_lower) & (point < own_upper)
    smooth = np.flatnonzero(~polished.at_bound & ~steps | moving)
    covariance = covariance_from_triangle(problem.factorize(point).triangle[:, smooth])
    errors = np.full(len(point), np.inf)
    errors[smooth] = np.sqrt(unit * np.maximum(np.diag(covariance.matrix), 0.0))
    errors[smooth[covariance.undetermined]] = np.inf
    mask = moving & (np.minimum(point - lower, upper - point) < AWAY * errors)
    point = _centered(problem, point, mask, jumps, NO_RISE * unit)
    at_jump, at_kink = _pressed(problem, point, mask & polished.at_bound, jumps, NO_RISE * unit)
    return Confined(point, mask, at_jump, at_kink)


def _unit(problem: AbstractProblem, polished: Polish, jumps: Jumps) -> float:
    """The rise of −2 ln L that is one standard deviation."""
    ndof = max(problem.n_terms - polished.rank, 1)
    return polished.value / ndof if jumps.is_scaled else 1.0


def _lowest(problem: AbstractProblem, point: np.ndarray, jumps: Jumps) -> Polish:
    """Polish within the cell, across walls behind which it is lower."""
    own_lower, own_upper = problem.bounds
    for i in np.flatnonzero(jumps.moving):
        point = _off_edge(problem, point, jumps.beside(point, int(i)))
    share = 1 / int(jumps.moving.sum())  # so far in each coordinate keeps within a convex cell
    polished = polish(problem, point, steps=0)
    for _ in range(MOVES):
        lower, upper = jumps.walls(point)
        near = point - share * (point - lower), point + share * (upper - point)
        limits = np.maximum(own_lower, near[0]), np.minimum(own_upper, near[1])
        polished = polish(Bounded(problem, *limits), _snapped(point, limits, jumps))
        stopped = (polished.point <= limits[0]) | (polished.point >= limits[1])
        stopped &= jumps.moving & (polished.point > own_lower) & (polished.point < own_upper)
        if not stopped.any():
            break
        across = _across(polished.point, stopped, jumps)
        values = problem.value(np.concatenate([polished.point[None], across]))
        best = int(np.argmin(values))
        if best == 0 and share == 1.0:
            break
        moved = across[best - 1] if best else polished.point
        if np.allclose(moved, point, rtol=1e-15, atol=0):
            break
        point = moved
    return polished


def _snapped(point: np.ndarray, limits: tuple[np.ndarray, np.ndarray], jumps: Jumps) -> np.ndarray:
    """The point put onto walls that it all but touches: the last bit there lowers nothing."""
    lower, upper = limits
    least = SNAP * np.where(np.isfinite(upper - lower), upper - lower, 0.0)
    snapped = np.where(jumps.moving & (point - lower < least), lower, point)
    return np.where(jumps.moving & (upper - snapped < least), upper, snapped)


def _off_edge(problem: AbstractProblem, point: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Of the two cells that meet at a point the one in which it is no higher, or the lower one."""
    if not len(beside):
        return point
    inside = np.all((beside >= problem.bounds[0]) & (beside <= problem.bounds[1]), axis=1)
    values = np.where(inside, problem.value(beside), np.inf)
    return beside[np.argmin(values)] if inside.any() else point


def _across(point: np.ndarray, chosen: np.ndarray, jumps: Jumps) -> np.ndarray:
    """Points just beyond the nearer wall of each of some parameters, shape (k, q)."""
    lower, upper = jumps.walls(point)
    beyond = []
    for i in np.flatnonzero(chosen):
        is_low = point[i] - lower[i] <= upper[i] - point[i]
        wall = lower[i] if is_low else upper[i]
        trial = point.copy()
        found = jumps.edges(point, np.eye(len(point))[i]).edges
        place = point[i] + found[np.argmin(np.abs(point[i] + found - wall))]
        trial[i] = 2 * place - wall
        beyond.append(trial)
    return np.array(beyond).reshape(-1, len(point))


def _centered(
    problem: AbstractProblem, point: np.ndarray, mask: np.ndarray, jumps: Jumps, no_rise: float
) -> np.ndarray:
    """The point with each parameter in the middle of its cell along which −2 ln L is flat."""
    for i in np.flatnonzero(mask):
        lower, upper = (wall[i] for wall in jumps.walls(point))
        lower, upper = max(lower, problem.bounds[0][i]), min(upper, problem.bounds[1][i])
        if not np.isfinite(upper - lower):
            continue
        trial = point.copy()
        trial[i] = (lower + upper) / 2
        trial = polish_others(problem, trial, mask)[0].point
        before, after = problem.value(np.stack([point, trial]))
        if after <= before + no_rise:
            point = trial
    return point


def _pressed(
    problem: AbstractProblem, point: np.ndarray, stopped: np.ndarray, jumps: Jumps, no_rise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Masks of those of the stopped parameters that a jump, or a bend, is in the way of."""
    lower, upper = jumps.walls(point)
    stopped = stopped & (np.minimum(point - lower, upper - point) < 1e-3 * (upper - lower))
    at_jump, at_kink = np.zeros((2, len(point)), dtype=bool)
    if stopped.any():
        here = problem.value(point[None])[0]
        rises = problem.value(_across(point, stopped, jumps)) - here
        at_jump[stopped], at_kink[stopped] = rises > no_rise, rises <= no_rise
    return at_jump, at_kink


def spread(
    problem: AbstractProblem,
    point: np.ndarray,
    smooth: np.ndarray,
    confined: np.ndarray,
    jumps: Jumps,
) -> tuple[np.ndarray, np.ndarray]:
    """How confined parameters are spread over their cells, and how the others follow them.

    Each is taken as normal about the minimum of its profile, cut off at the walls. Where the
    profile is flat that is a uniform distribution.

    Args:
        problem: The problem of the free parameters.
        point: The lowest point of the cell, shape (q,).
        smooth: Indices of the parameters with a curvature, (s,).
        confined: Indices of the confined parameters, (k,).
        jumps: Where the walls are.

    Returns:
        The mean squares of their distances from the point, in units of one standard deviation of
        the errors on y, shape (k,); and the derivatives of the smooth parameters, (s, k).
    """
    factored = problem.factorize(point)
    triangle, rotated = factored.triangle, factored.rotated
    length = np.linalg.norm(triangle[:, smooth], axis=0)
    scale = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    columns, moved = triangle[:, smooth] * scale, triangle[:, confined]
    follow = -np.linalg.lstsq(columns, moved, rcond=None)[0]
    alone = moved + columns @ follow
    alone[:, np.linalg.norm(alone, axis=0) < ROUNDING * np.linalg.norm(moved, axis=0)] = 0.0
    information, gradient = np.sum(alone**2, axis=0), alone.T @ rotated
    ndof = max(problem.n_terms - len(smooth) - len(confined), 1)
    unit = factored.value / ndof if jumps.is_scaled else 1.0
    lower, upper = (np.clip(wall, *problem.bounds)[confined] for wall in jumps.walls(point))
    squares = [
        _mean_square(*each, unit)
        for each in zip(lower - point[confined], upper - point[confined], information, gradient,
                        strict=True)
    ]  # fmt: skip
    return np.array(squares), follow * scale[:, None]


def _mean_square(low: float, high: float, information: float, slope: float, unit: float) -> float:
    """∫ t² exp(−(information t² + 2 slope t) / (2 unit)) over low < t < high, normalized."""
    longest = FAR * np.sqrt(unit / information) if information > 0 else np.inf
    low, high = max(low, -longest), min(high, longest)
    if not np.isfinite(high - low):
        return np.inf
    if slope:  # pressed against a wall it may fall off on a small part of the cell
        decay = 3 * FAR * unit / abs(slope)
        low, high = max(low, -decay), min(high, decay)
    t = np.linspace(low, high, POINTS)
    rise = (information * t**2 + 2 * slope * t) / unit
    weight = np.exp(-0.5 * (rise - rise.min()))
    return float(np.sum(weight * t**2) / np.sum(weight) / unit) if high > low else 0.0
