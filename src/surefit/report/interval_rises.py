"""The rise of −2 ln L at which the intervals and contours of a fit end."""

from collections.abc import Sequence

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.uncertainty.adjusted_rises import (
    adjusted_joint_rise,
    adjusted_rise,
    curvature_covariance,
)
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.sandwich import SCATTER

NO_CURVATURE = (
    "The sandwich gives a profile its scale by the curvature at the minimum, which is not to be "
    "had here: a parameter is at its limit, or not determined. Use errors."
)
# Begins the note of a fit whose errors toys have corrected.
WIDENED = "Errors and band were multiplied by "


def is_adjusted(fit: FitRecord) -> bool:
    """Whether a rise by 1 is not one standard deviation: of sandwich or corrected errors."""
    is_widened = any(note.startswith(WIDENED) for note in fit.notes)
    return SCATTER in fit.notes or is_widened or not fit.loss.is_likelihood


def rises_of(
    fit: FitRecord, fitted: Fitted, names: Sequence[str], quantile: float
) -> tuple[dict[str, float], str]:
    """The rise of −2 ln L so many standard deviations away, by name; or why there is none."""
    if not (is_adjusted(fit) and names):
        rise = float(quantile * fit.error_scale) ** 2
        return {name: rise for name in names}, ""
    curvature = _curvature(fit, fitted, names)
    if curvature is None:
        return {}, NO_CURVATURE
    variances = zip(names, np.diag(curvature), strict=True)
    return {
        name: adjusted_rise(quantile, fit.errors[name], float(variance))
        for name, variance in variances
    }, ""


def joint_rise_of(
    fit: FitRecord, fitted: Fitted, names: tuple[str, str], level: float
) -> tuple[float, str]:
    """The rise for two parameters together: χ² of two, or F if σ was estimated; or why not."""
    if is_adjusted(fit):
        curvature = _curvature(fit, fitted, names)
        if curvature is None:
            return np.nan, NO_CURVATURE
        index = [fit.reported.parameters.names.index(name) for name in names]
        covariance = fit.reported.covariance[np.ix_(index, index)]
        return adjusted_joint_rise(level, covariance, curvature), ""
    if not fit.estimates_errors:
        return float(-2 * np.log1p(-level)), ""
    ratio = scipy.special.fdtri(2, max(fit.ndof, 1), level)
    return float(2 * ratio) * fit.error_scale**2, ""


def _curvature(fit: FitRecord, fitted: Fitted, names: Sequence[str]) -> np.ndarray | None:
    if "at its limit" in fit.remarks.values():
        return None
    covariance = curvature_covariance(fitted.landscape(names))
    errors = np.array([fit.errors[name] for name in names])
    is_known = covariance is not None and np.isfinite(errors).all() and (errors > 0).all()
    return covariance if is_known else None
