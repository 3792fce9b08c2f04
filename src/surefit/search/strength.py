"""How strong a penalty the data ask for, by the probability that they have under each strength."""

import dataclasses
import math

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float
from surefit.problem.base import AbstractProblem

# Strengths that are compared, in units in which penalty and data weigh alike; and how finely.
SMALLEST, LARGEST, PER_DECADE = 1e-12, 1e12, 4
# Directions that neither data nor penalty determine.
UNDETERMINED = 1e-12


@dataclasses.dataclass(frozen=True, eq=False)
class Spectrum:
    """A least-squares problem and its penalty, both diagonal: |c φ − b|² + rest + strength |s φ|².

    The generalized singular value decomposition (Golub and Van Loan 2013, section 8.7.4).

    Attributes:
        data: c², shape (q,).
        penalty: s², shape (q,), in units of `unit`.
        projected: b, shape (q,).
        rest: What no parameters can fit.
        unit: Strength at which the two weigh alike.
    """

    data: Float[np.ndarray, " q"]
    penalty: Float[np.ndarray, " q"]
    projected: Float[np.ndarray, " q"]
    rest: float
    unit: float

    def effective_parameters(self, strength: float) -> float:
        """The trace of the matrix that maps y to the curve (Craven and Wahba 1979)."""
        total = self.data + strength / self.unit * self.penalty
        return float(np.sum(self.data / np.where(total > 0, total, 1.0)))

    def determined(self, strength: float) -> float:
        """The part of `effective_parameters` that is of directions the penalty holds."""
        total = self.data + strength / self.unit * self.penalty
        share = self.data / np.where(total > 0, total, 1.0)
        return float(np.sum(share[self.penalty > UNDETERMINED]))

    def penalized(self, strength: float) -> float:
        """The least |c φ − b|² + strength |s φ|², shape ()."""
        held = strength / self.unit * self.penalty
        total = self.data + held
        share = held / np.where(total > 0, total, 1.0)
        return self.rest + float(np.sum(self.projected**2 * np.where(total > 0, share, 1.0)))

    def improbability(self, strength: float, n_values: int | None) -> float:
        """−2 ln of the probability of the data, the parameters averaged over; up to a constant.

        Args:
            strength: The strength.
            n_values: Number of measured values if the size of their errors is unknown, else None.
        """
        is_held = self.penalty > UNDETERMINED
        total = self.data + strength / self.unit * self.penalty
        volume = float(np.sum(np.log(total[total > UNDETERMINED])))
        volume -= int(is_held.sum()) * math.log(strength / self.unit)
        value = max(self.penalized(strength), 1e-300)
        if n_values is None:
            return value + volume
        return (n_values - int(np.sum(~is_held))) * math.log(value) + volume


def spectrum_of(
    problem: AbstractProblem, rows: Float[np.ndarray, "k q"], point: Float[np.ndarray, " q"]
) -> Spectrum:
    """Make data and penalty diagonal together, the data linearized at a point.

    Args:
        problem: The problem of the data alone.
        rows: R, the penalty being strength · |R θ|².
        point: θ, shape (q,).
    """
    factored, q = problem.factorize(point), len(point)
    unit = float(np.sum(factored.triangle**2) / max(np.sum(rows**2), 1e-300))
    scaled = math.sqrt(unit) * rows
    orthogonal, _ = np.linalg.qr(np.vstack([factored.triangle, scaled]))
    k = len(factored.triangle)
    upper, lower = orthogonal[:k], orthogonal[k:]
    left, cosines, right = np.linalg.svd(upper, full_matrices=True)
    cosines = np.concatenate([cosines, np.zeros(max(right.shape[0] - len(cosines), 0))])
    sines = np.sum((lower @ right.T) ** 2, axis=0)
    # With θ = point + δ the data are |T δ + rotated|².
    wanted = left.T @ (factored.triangle @ point - factored.rotated)
    projected = np.zeros(q)
    projected[: min(k, q)] = wanted[: min(k, q)]
    rest = factored.value - float(factored.rotated @ factored.rotated)
    rest += float(np.sum(wanted[q:] ** 2))
    return Spectrum(cosines[:q] ** 2, sines[:q], projected, max(rest, 0.0), unit)


def best_strength(spectrum: Spectrum, n_values: int | None) -> float:
    """The strength under which the data are most probable.

    The parameters are averaged over, those that the penalty leaves free with equal weight: the
    evidence of MacKay (1992, Neural Comput. 4, 415), which for linear models is the restricted
    likelihood (Patterson and Thompson 1971, Biometrika 58, 545; Wood 2011, J. R. Stat. Soc. B 73,
    3).

    Args:
        spectrum: Data and penalty.
        n_values: Number of measured values if the size of their errors is unknown, else None.

    Returns:
        The strength; one of the ends of what is compared if the data ask for none, or for all.
    """
    decades = math.log10(LARGEST / SMALLEST)
    grid = np.linspace(math.log(SMALLEST), math.log(LARGEST), int(decades * PER_DECADE) + 1)

    def height(logarithm: float) -> float:
        return spectrum.improbability(math.exp(logarithm) * spectrum.unit, n_values)

    heights = np.array([height(place) for place in grid])
    lowest = int(np.argmin(heights))
    low, high = grid[max(lowest - 1, 0)], grid[min(lowest + 1, len(grid) - 1)]
    found = scipy.optimize.minimize_scalar(height, bounds=(low, high), method="bounded")
    return math.exp(float(found.x)) * spectrum.unit
