"""How much single points decide the fit."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.uncertainty.goodness.pulls import Pulls

# Points that are named as the most influential.
NAMED = 5


@dataclasses.dataclass(frozen=True)
class InfluentialPoint:
    """A point by which the fit would change if it were left out.

    Attributes:
        index: Its place in the data (of those not masked).
        x: Its inputs.
        output: Which output, for a model of several.
        leverage: How much of its own measurement the curve follows there, 0 to 1.
        cook: Cook's distance; near 1, leaving the point out moves the parameters by about one
            standard deviation.
        pull: Studentized residual: how far it lies from the curve fitted without it, in σ.
    """

    index: int
    x: tuple[float, ...]
    output: int
    leverage: float
    cook: float
    pull: float


@dataclasses.dataclass(frozen=True, eq=False)
class Influence:
    """Leverage, Cook's distance and studentized residual of every point, in the order of the data.

    Sources: Cook 1977, Technometrics 19, 15; Cook and Weisberg 1982, chapter 2; Haslett 1999,
    J. R. Stat. Soc. B 61, 603, for correlated errors.

    Attributes:
        leverage: Shape (n, m); they add up to the number of determined parameters.
        cook: Shape (n, m).
        studentized: Shape (n, m): residual over its standard deviation, both of a fit without
            the point (externally studentized) where the size of the errors was estimated.
        most: The most influential points, by Cook's distance.
    """

    leverage: Float[np.ndarray, "n m"]
    cook: Float[np.ndarray, "n m"]
    studentized: Float[np.ndarray, "n m"]
    most: tuple[InfluentialPoint, ...]


def influence_of(pulls: Pulls, data: Data) -> Influence:
    """The influence of every point.

    Args:
        pulls: Those of the fit.
        data: Its data.
    """
    leverage, standard, squared = _of_independent(pulls)
    if data.noise.covariance is not None:
        leverage, standard, squared = _of_correlated(pulls, data)
    rank = max(float(np.sum(pulls.leverage)), 1e-300)
    cook = standard**2 * squared / rank
    studentized = _externally(standard, pulls.ndof) if pulls.is_scaled else standard
    back = np.argsort(pulls.index)
    leverage, cook, studentized = leverage[back], cook[back], studentized[back]
    order = np.argsort(-cook, axis=None, kind="stable")[:NAMED]
    places = [np.unravel_index(place, cook.shape) for place in order]
    most = tuple(
        InfluentialPoint(
            index=int(i),
            x=tuple(float(value) for value in data.inputs[i]),
            output=int(k),
            leverage=float(leverage[i, k]),
            cook=float(cook[i, k]),
            pull=float(studentized[i, k]),
        )
        for i, k in places
        if cook[i, k] > 0
    )
    return Influence(leverage, cook, studentized, most)


def _of_independent(pulls: Pulls) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leverage, standardized residual, and leverage over what it leaves: h/(1 − h)."""
    room = np.where(pulls.room > 0, pulls.room, 1.0) ** 2
    return pulls.leverage, pulls.values, np.where(pulls.room > 0, (1 - room) / room, 0.0)


def _of_correlated(pulls: Pulls, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for correlated errors, where deleting a point changes its neighbors' weights.

    With K the inverse covariance and M = K − K J (Jᵀ K J)⁻¹ Jᵀ K, the residual of a point from
    the fit without it is (M r)ᵢ / Mᵢᵢ and has variance 1/Mᵢᵢ (Haslett 1999).
    """
    order = pulls.index
    assert data.noise.covariance is not None
    lower = np.linalg.cholesky(data.noise.covariance[np.ix_(order, order)])
    inverse = np.linalg.solve(lower, np.eye(len(lower)))
    white = (pulls.values * pulls.room)[:, 0]
    taken = inverse.T @ pulls.absorbed
    whole, absorbed = np.sum(inverse**2, axis=0), np.sum(taken**2, axis=1)
    left = np.maximum(whole - absorbed, 1e-300)
    # r is orthogonal to the tangent, so that M r = K r.
    standard = inverse.T @ white / np.sqrt(left)
    return (absorbed / whole)[:, None], standard[:, None], (absorbed / left)[:, None]


def _externally(standard: np.ndarray, ndof: float) -> np.ndarray:
    """t = r √((ν − 1)/(ν − r²)): the size of the errors estimated without the point as well."""
    if ndof <= 1:
        return np.full_like(standard, np.nan)
    room = np.maximum(ndof - standard**2, 1e-12)
    return standard * np.sqrt((ndof - 1) / room)
