"""How wide a band has to be to cover a whole curve, or many new points, at once."""

from collections.abc import Callable, Iterator

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float

# Directions drawn for a curve: the critical value is then known to about half a percent.
DIRECTIONS = 10_000
# Draws of curve and error size for new points, whose own errors are integrated exactly.
CURVES = 2_000
# Numbers held at a time.
CHUNK = 2**21
# Singular values below this part of the largest are rounding.
ROUNDING = 1e-10
SEED = 0


def everywhere(rank: int, level: float, ndof: float | None) -> float:
    """Half width, in standard deviations, that covers a linear model at all x whatever.

    Scheffé 1959, *The Analysis of Variance*, section 3.5; for a line Working and Hotelling 1929,
    J. Am. Stat. Assoc. 24 (suppl.), 73: √(p F) with the quantile of F(p, ν), or the root of the
    quantile of χ²(p). It is exact if x may be anything, too wide if x stays in a range.

    Args:
        rank: Combinations of parameters that are determined.
        level: Coverage, between 0 and 1.
        ndof: Degrees of freedom of an estimated error, or None if it was known.

    Example:
        >>> round(everywhere(2, 0.95, 10), 3)
        2.865
    """
    if ndof is None:
        return float(np.sqrt(scipy.special.chdtri(rank, 1 - level)))
    return float(np.sqrt(rank * scipy.special.fdtri(rank, ndof, level)))


def critical_value(tangents: Float[np.ndarray, "g k"], level: float, ndof: float | None) -> float:
    """Half width, in standard deviations, that covers the curve at all of the given x at once.

    The quantile of the largest |Z(x)| with Z(x) = t(x)·z / |t(x)|, z standard normal. With z = r u
    the largest is r m(u): directions u are drawn, and the length r, which is distributed as χ or
    (with an estimated error) as the root of F, is integrated exactly, as in the derivation of the
    tube formula (Sun and Loader 1994, Ann. Stat. 22, 1328, eq. 2.1–2.3). Unlike that formula this
    holds for ends, kinks and several inputs.

    Args:
        tangents: How the curve moves at each x with independent normal parameters: J F, where
            F Fᵀ is their covariance.
        level: Coverage, between 0 and 1.
        ndof: Degrees of freedom of an estimated error, or None if it was known.

    Returns:
        The critical value; 0 if the curve does not move at all, NaN if that is not known. Seeds
        are fixed: it is the same each time.
    """
    if not np.isfinite(tangents).all():
        return float("nan")
    largest = _largest(tangents)
    if largest is None:
        return 0.0
    rank, heights = largest

    def coverage(c: float) -> float:
        square = (c / heights) ** 2
        if ndof is None:
            return float(np.mean(scipy.special.chdtr(rank, square)))
        return float(np.mean(scipy.special.fdtr(rank, ndof, square / rank)))

    return _root(coverage, level)


def critical_value_of_new(
    tangents: Float[np.ndarray, "g k"],
    errors: Float[np.ndarray, " g"],
    level: float,
    ndof: float | None,
) -> float:
    """Half width, in standard deviations of curve and point, that covers all new points at once.

    The curve's error is common to all points and drawn; the points' own are independent, and
    their probability to lie inside is a product (conditional Monte Carlo).

    Args:
        tangents: As in `critical_value`.
        errors: One standard deviation of each new point.
        level: Coverage, between 0 and 1.
        ndof: Degrees of freedom of an estimated error, or None if it was known.
    """
    if not (np.isfinite(tangents).all() and np.isfinite(errors).all()):
        return float("nan")
    total = np.sqrt(np.sum(tangents**2, axis=1) + errors**2)
    if not total.any():
        return 0.0
    rng = np.random.default_rng(SEED)
    normal = rng.standard_normal((CURVES, tangents.shape[1]))
    size = np.ones(CURVES) if ndof is None else np.sqrt(rng.chisquare(ndof, CURVES) / ndof)

    def coverage(c: float) -> float:
        inside = []
        for rows in _chunks(CURVES, len(total)):
            moved = normal[rows] @ tangents.T
            reach = c * size[rows, None] * total
            with np.errstate(divide="ignore", invalid="ignore"):
                above, below = (reach - moved) / errors, (-reach - moved) / errors
            each = scipy.special.ndtr(above) - scipy.special.ndtr(below)
            inside.append(np.prod(each, axis=1))
        return float(np.mean(np.concatenate(inside)))

    return _root(coverage, level)


def _largest(tangents: np.ndarray) -> tuple[int, np.ndarray] | None:
    """The rank, and the largest |t·u|/|t| over x for random directions u; None if nothing moves."""
    length = np.linalg.norm(tangents, axis=1)
    moves = length > 0
    if not moves.any():
        return None
    unit = tangents[moves] / length[moves, None]
    _, sizes, rows = np.linalg.svd(unit, full_matrices=False)
    unit = unit @ rows[sizes > ROUNDING * sizes[0]].T
    rank, rng = unit.shape[1], np.random.default_rng(SEED)
    heights = []
    for chunk in _chunks(DIRECTIONS, len(unit)):
        u = rng.standard_normal((chunk.stop - chunk.start, rank))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        heights.append(np.abs(u @ unit.T).max(axis=1))
    return rank, np.concatenate(heights)


def _chunks(n: int, width: int) -> Iterator[slice]:
    step = max(CHUNK // width, 1)
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def _root(coverage: Callable[[float], float], level: float) -> float:
    """Where the coverage, which rises with the half width, reaches the level."""
    high = 1.0
    while coverage(high) < level:
        high *= 2
    return float(scipy.optimize.brentq(lambda c: coverage(c) - level, 0.0, high, xtol=1e-6))
