"""How far −2 ln L has to rise where its unit is not one standard deviation: adjusted profiles."""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float
from surefit.uncertainty.hessian import hessian_at
from surefit.uncertainty.rises import Landscape

# Angles over which a quadratic form of two normal numbers is integrated.
ANGLES = 256


def curvature_covariance(landscape: Landscape) -> Float[np.ndarray, "t t"] | None:
    """Covariance of the targets if a rise by 1 were one standard deviation.

    Args:
        landscape: The minimum and what is around it, none of it at a limit.

    Returns:
        The covariance from the Hessian; None where that is not positive.
    """
    hessian = hessian_at(landscape.problem, landscape.point)
    which = np.arange(len(landscape.targets.offset))[None]
    slopes = landscape.targets.slopes(landscape.point[None], which)[0]
    try:
        half = np.linalg.solve(np.linalg.cholesky(hessian / 2), slopes.T)
    except np.linalg.LinAlgError:
        return None
    return half.T @ half


def adjusted_rise(quantile: float, error: float, variance: float) -> float:
    """The rise at the ends of one parameter's interval.

    Where the loss is no likelihood, or the noise is not what it says, the rise at the truth is
    distributed as λ χ² with λ the ratio of the sandwich's variance to that of the curvature (Kent
    1982, Biometrika 69, 19, eq. 3.1; for robust losses Heritier and Ronchetti 1994, J. Am. Stat.
    Assoc. 89, 897).

    Args:
        quantile: Half width of the interval in standard deviations.
        error: One standard deviation, the sandwich's.
        variance: From the curvature.
    """
    return quantile**2 * error**2 / variance


def adjusted_joint_rise(
    level: float, covariance: Float[np.ndarray, "2 2"], curvature: Float[np.ndarray, "2 2"]
) -> float:
    """The rise on the contour of two parameters: the quantile of λ₁ χ²₁ + λ₂ χ²₁ (Kent 1982).

    Args:
        level: Coverage, between 0 and 1.
        covariance: The sandwich's.
        curvature: From the curvature.

    Example:
        >>> round(adjusted_joint_rise(0.6827, np.eye(2), np.eye(2)), 3)
        2.296
    """
    weights = np.linalg.eigvals(np.linalg.solve(curvature, covariance)).real
    angle = (np.arange(ANGLES) + 0.5) * np.pi / ANGLES
    size = weights[0] * np.cos(angle) ** 2 + weights[1] * np.sin(angle) ** 2

    def missing(rise: float) -> float:
        return float(np.mean(np.exp(-rise / (2 * size)))) - (1 - level)

    high = -2 * np.log1p(-level) * float(weights.max())
    return float(scipy.optimize.brentq(missing, 0.0, 1.001 * high))
