"""Recognize what a parameter is from how a function answers to moving and stretching x.

If moving x by s is undone by adding s to some parameters, these are locations. If stretching x by
c is undone by multiplying a parameter by c, it is a width or a location; by 1/c, a rate. Both are
read off derivatives, with all linear parameters free, in one least-squares problem each.
"""

from collections.abc import Callable

import numpy as np

from surefit.data.checked import Data
from surefit.data.scales import Scales, scales_of
from surefit.models.function import ResolvedFunction
from surefit.models.sampling import ROLES, UNKNOWN

Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(parameter vector (p,), x (n,) or (n, d)) → predictions (n,), in plain NumPy."""

# Most vectors at which roles are probed, and points of x used.
DRAWS = 40
POINTS = 200
# Relative move of x and of parameters for derivatives by central differences.
MOVE = 1e-6
# Effect of a parameter, relative to the largest prediction, from which its derivative is usable.
LEAST_EFFECT = 1e-5
# Vectors that have to agree on a role, none saying otherwise; and how many are tried for a
# parameter of which none of them says anything.
VOTES = 2
TRIED = 12
# Part of the change with x that may be left unexplained, and distance from a whole exponent.
UNEXPLAINED = 1e-5
NEAR = 1e-3
# What remains for all other roles of a parameter that has been recognized.
DOUBT = 0.1


def recognized_roles(model: ResolvedFunction, data: Data) -> np.ndarray:
    """Weights of the roles of a function's parameters, shape (p, number of roles)."""

    def predict(values: np.ndarray, x: np.ndarray) -> np.ndarray:
        return model.source.call(values, x)[:, 0]

    linear = np.array(model.structure.linear, dtype=bool)
    return role_weights(predict, data.x, scales_of(data), linear, np.random.default_rng(0))


def role_weights(
    predict: Predict, x: np.ndarray, scales: Scales, linear: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """How often each parameter should play each role in draws.

    Args:
        predict: The function; it is called at moved x.
        x: Inputs, (n,) or (n, d).
        scales: Sizes that the data suggest.
        linear: Mask of the linear parameters, shape (p,).
        rng: Source of randomness.

    Returns:
        Weights of shape (p, number of roles), rows adding to one; the default for parameters of
        which nothing could be recognized.
    """
    p = len(linear)
    weights = np.tile(UNKNOWN, (p, 1))
    if linear.all():
        return weights
    if len(x) > POINTS:
        x = x[np.sort(rng.choice(len(x), POINTS, replace=False))]
    votes: list[list[int]] = [[] for _ in range(p)]
    with np.errstate(all="ignore"):
        for n_tried, values in enumerate(_middling(rng, scales, DRAWS, p), start=1):
            found = _recognized(predict, x, values, linear)
            for i in np.flatnonzero(found >= 0):
                votes[i].append(int(found[i]))
            n_votes = [len(votes[i]) for i in np.flatnonzero(~linear)]
            if all(n >= VOTES or (n == 0 and n_tried >= TRIED) for n in n_votes):
                break
    has_location = any(ROLES.index("location") in kinds for kinds in votes)
    for i, kinds in enumerate(votes):
        if len(kinds) >= VOTES and len(set(kinds)) == 1:
            preferred = _preferred(kinds[0], has_location=has_location)
            weights[i] = DOUBT * UNKNOWN + (1 - DOUBT) * preferred
    return weights


def _middling(rng: np.random.Generator, scales: Scales, n: int, p: int) -> np.ndarray:
    """Vectors (n, p) at which much of a function varies within the range of x, whatever it is."""
    axis = rng.integers(len(scales.x_low), size=(n, p))
    low, high = np.array(scales.x_low)[axis], np.array(scales.x_high)[axis]
    extent = np.where(high > low, high - low, 1.0)
    size = np.exp(rng.uniform(np.log(0.05), np.log(0.5), (n, p)))
    choices = np.stack([low + extent * rng.uniform(0.1, 0.9, (n, p)), extent * size,
                        1 / (extent * size), 4 * size])  # fmt: skip
    return np.take_along_axis(choices, rng.integers(4, size=(1, n, p)), axis=0)[0]


def _preferred(kind: int, *, has_location: bool) -> np.ndarray:
    """Weights of a recognized role."""
    weights = np.zeros(len(ROLES))
    if ROLES[kind] == "rate":  # it may be a frequency
        weights[[ROLES.index("rate"), ROLES.index("frequency")]] = 0.5
    elif ROLES[kind] == "width" and not has_location:  # a lifetime, or the period of a wave
        weights[[ROLES.index("width"), ROLES.index("period")]] = 0.5
    else:
        weights[kind] = 1.0
    return weights


def _recognized(
    predict: Predict, x: np.ndarray, values: np.ndarray, linear: np.ndarray
) -> np.ndarray:
    """The role of each parameter at one vector, −1 if unclear there, shape (p,)."""
    slopes = _parameter_slopes(predict, x, values)
    roles = np.full(len(values), -1)
    if not np.isfinite(slopes).all():
        return roles
    # Where a parameter has hardly any effect there, its derivative is rounding.
    active = np.abs(slopes * values).max(axis=0) > LEAST_EFFECT * np.abs(predict(values, x)).max()
    slopes[:, ~active] = 0.0
    searched = np.flatnonzero(~linear & active)
    axes = [None] if x.ndim == 1 else range(x.shape[1])
    for axis in axes:
        moved, stretched = _slopes_along(predict, x, values, axis)
        shift = _undone(moved, slopes, searched, np.ones(len(values)))
        stretch = _undone(stretched, slopes, searched, values)
        if stretch is None:
            continue
        for i, exponent in zip(searched, stretch, strict=True):
            is_location = shift is not None and abs(shift[np.searchsorted(searched, i)] - 1) < NEAR
            if is_location:
                roles[i] = ROLES.index("location")
            elif abs(exponent - 1) < NEAR and shift is not None:
                roles[i] = ROLES.index("width")
            elif abs(exponent + 1) < NEAR:
                roles[i] = ROLES.index("rate")
            elif abs(exponent) < NEAR and shift is not None and x.ndim == 1:
                roles[i] = ROLES.index("order_one")
    return roles


def _parameter_slopes(predict: Predict, x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Derivatives by the parameters, shape (n, p)."""
    columns = []
    for i, value in enumerate(values):
        move = np.zeros_like(values)
        move[i] = MOVE * (abs(value) or 1.0)
        columns.append((predict(values + move, x) - predict(values - move, x)) / (2 * move[i]))
    return np.stack(columns, axis=1)


def _slopes_along(
    predict: Predict, x: np.ndarray, values: np.ndarray, axis: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """∂f/∂x and x ∂f/∂x along an axis, shape (n,) each."""
    along = x if axis is None else x[:, axis]
    step = MOVE * max(float(np.ptp(along)), 1e-300)
    move = step if axis is None else step * np.eye(x.shape[1])[axis]
    slope = (predict(values, x + move) - predict(values, x - move)) / (2 * step)
    return slope, along * slope


def _undone(
    change: np.ndarray, slopes: np.ndarray, searched: np.ndarray, units: np.ndarray
) -> np.ndarray | None:
    """How much each nonlinear parameter has to change, in its unit, to undo a change of x.

    Returns:
        The changes, in the order of `searched`; None if no changes undo it, or several do.
    """
    columns = slopes * units
    size = np.linalg.norm(columns, axis=0)
    used = np.flatnonzero(size > 0)
    scaled = columns[:, used] / size[used]
    solution, _, rank, _ = np.linalg.lstsq(scaled, change, rcond=1e-7)
    left = change + scaled @ -solution
    if rank < len(used) or np.linalg.norm(left) > UNEXPLAINED * np.linalg.norm(change):
        return None
    found = np.zeros(len(units))
    found[used] = -solution / size[used]
    return found[searched]
