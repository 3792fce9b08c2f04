"""Polynomials orthogonal on the data's own x: the basis in which a polynomial fit is solved."""

import dataclasses
from fractions import Fraction

import numpy as np

from surefit.annotations import Float
from surefit.bases.recurrence import Affine, Recurrence
from surefit.exceptions import ConstantInput, IllConditioned, TooFewPoints

# Beyond so many distinct x the basis is built on as many representative points: it need only be
# nearly orthogonal, and a million points cost no more than ten thousand.
_MOST_POINTS = 8192
# Errors that differ by more count as if they differed by this: the weighted columns then have at
# most this condition, and points with large errors still hold the basis in check.
_LARGEST_RATIO_OF_ERRORS = 1e3
# With columns of this condition about four digits of the prediction are left.
_LARGEST_CONDITION = 1e12


@dataclasses.dataclass(frozen=True)
class OrthogonalBasis:
    """Polynomials in t = (x − center) / half_range, orthonormal on given points.

    Attributes:
        center: Middle of the data's range, in the unit of x.
        half_range: Half of the data's range, in the unit of x.
        recurrence: The polynomials in t. Their weighted mean square over the points is 1.
    """

    center: float
    half_range: float
    recurrence: Recurrence

    def argument(self, x):
        """Map a NumPy or JAX array x to t."""
        # Subtracting first is exact where the offset of x is large (Sterbenz's lemma).
        return (x - self.center) / self.half_range

    def argument_map(self) -> Affine:
        """The map to t, exactly."""
        scale = 1 / Fraction(self.half_range)
        return Affine(scale, -scale * Fraction(self.center))


def orthogonal_basis(
    x: Float[np.ndarray, " n"], sigma: Float[np.ndarray, " n"], degree: int
) -> OrthogonalBasis:
    """Construct the polynomials that are orthonormal on the points of a data set.

    The Lanczos process with full reorthogonalization, which is "Vandermonde with Arnoldi" for real
    x (Brubeck, Nakatsukasa & Trefethen 2021). The result is kept as a three-term recurrence.
    Measured against 120-digit arithmetic at degree 50 on 60 to 1000 points, spread evenly,
    uniformly, normally or exponentially, the recurrence predicts to 1e-13 of the largest value, as
    well as the full Hessenberg form does, at a twentieth of its size.

    Args:
        x: The points; repeated ones count as often as they occur.
        sigma: One standard deviation of y at each point, positive; weights are 1/sigma².
        degree: Highest degree, at least 0.

    Returns:
        The basis.

    Raises:
        ConstantInput: All x are equal and the degree is not 0.
        TooFewPoints: There are not degree + 1 distinct x.
        IllConditioned: The points are spread so unevenly that this degree cannot be computed.

    Example:
        >>> basis = orthogonal_basis(np.array([0.0, 1.0, 2.0]), np.ones(3), 1)
        >>> basis.center, basis.half_range
        (1.0, 1.0)
    """
    lower, upper = float(x.min()), float(x.max())
    half_range = upper / 2 - lower / 2
    center = lower + half_range
    if degree == 0:
        return OrthogonalBasis(center, 1.0, Recurrence((), (), ()))
    if not half_range > 0:
        raise ConstantInput(
            f"x is {lower:g} at every point, so a polynomial of degree {degree} cannot be "
            "fitted; vary x, or fit sf.Constant()."
        )
    t, weight = _distinct((x - center) / half_range, sigma)
    if len(t) <= degree:
        if (n_distinct := len(np.unique(x))) > degree:
            raise _uneven(degree)  # they differ by less than the rounding of t
        raise TooFewPoints(
            f"A polynomial of degree {degree} needs at least {degree + 1} distinct x, but there "
            f"are {n_distinct}; lower the degree to {n_distinct - 1} or less, or add points."
        )
    t, weight = _representatives(t, weight)
    recurrence, vectors = _lanczos(t, weight, degree)
    _check_condition(recurrence, t, weight, vectors)
    return OrthogonalBasis(center, half_range, recurrence)


def _distinct(t: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted distinct points and the sum of weights of each."""
    relative = np.minimum(sigma / sigma.min(), _LARGEST_RATIO_OF_ERRORS)
    points, index = np.unique(t, return_inverse=True)
    weight = np.bincount(index, weights=relative**-2.0)
    return points, weight / weight.sum()


def _representatives(t: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merge neighboring points until there are few enough."""
    if len(t) <= _MOST_POINTS:
        return t, weight
    half = _MOST_POINTS // 2
    # Cells of equal count follow clusters; cells of equal angle follow outliers and the ends,
    # where polynomials vary fastest.
    by_count = np.arange(len(t)) * half // len(t)
    by_angle = (np.arccos(-np.clip(t, -1, 1)) * (half / np.pi)).astype(int)
    is_first = np.ones(len(t), dtype=bool)
    is_first[1:] = (np.diff(by_count) > 0) | (np.diff(by_angle) > 0)
    starts = np.flatnonzero(is_first)
    merged = np.add.reduceat(weight, starts)
    return np.add.reduceat(weight * t, starts) / merged, merged


def _lanczos(t: np.ndarray, weight: np.ndarray, degree: int) -> tuple[Recurrence, np.ndarray]:
    """The recurrence, and its polynomials on the points as orthonormal rows."""
    vectors = np.zeros((degree + 1, len(t)))
    vectors[0] = np.sqrt(weight)
    diagonal, neighbor = np.zeros(degree), np.zeros(degree + 1)
    for k in range(degree):
        known = vectors[: k + 1]
        vector = t * vectors[k]
        first = known @ vector
        vector = vector - first @ known
        # Once more: one pass leaves what rounding put back ("twice is enough", Kahan).
        second = known @ vector
        vector = vector - second @ known
        diagonal[k] = first[k] + second[k]
        neighbor[k + 1] = np.linalg.norm(vector)
        if neighbor[k + 1] == 0:
            raise _uneven(degree)
        vectors[k + 1] = vector / neighbor[k + 1]
    recurrence = Recurrence(
        tuple((1 / neighbor[1:]).tolist()),
        tuple((-diagonal / neighbor[1:]).tolist()),
        tuple((neighbor[:-1] / neighbor[1:]).tolist()),
    )
    return recurrence, vectors


def _check_condition(
    recurrence: Recurrence, t: np.ndarray, weight: np.ndarray, vectors: np.ndarray
) -> None:
    """Refuse a recurrence that is unstable on these points: it does not give the vectors back."""
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.stack(list(recurrence.terms(t))) * np.sqrt(weight)
        distance = np.linalg.norm(rows - vectors)
    if distance < 0.5:  # then the condition is below (1 + 0.5) / (1 - 0.5), without asking LAPACK
        return
    if not np.isfinite(distance):
        raise _uneven(recurrence.degree)
    if np.linalg.cond(np.linalg.qr(rows.T, mode="r")) > _LARGEST_CONDITION:
        raise _uneven(recurrence.degree)


def _uneven(degree: int) -> IllConditioned:
    return IllConditioned(
        f"x is spread so unevenly (a few points far from all others) that a polynomial of degree "
        f"{degree} would be lost to rounding; lower the degree, leave out the far points, or fit "
        "as a function of log(x)."
    )
