"""How far x lies from the data, in x itself and in what the data say of the curve there."""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float

# Weight of the condition that the weights of a convex combination add up to 1.
TOGETHER = 1e4
# Distances below this, in units of the data's range, are rounding.
ROUNDING = 1e-7
# Inputs up to which the corners of the hull are found first, which most points are not.
FEW_INPUTS = 3


def distance_outside(
    x: Float[np.ndarray, "n d"], data: Float[np.ndarray, "m d"]
) -> Float[np.ndarray, " n"]:
    """Distance of each x from the convex hull of the data, in units of the data's range.

    With one input the hull is the range. With several, each is measured in units of its own range,
    and the nearest convex combination of the points is found by non-negative least squares
    (Lawson and Hanson 1974, chapter 23).

    Args:
        x: Where.
        data: The points of the fit.

    Returns:
        0 inside; an input that does not vary in the data counts in its own unit.

    Example:
        >>> distance_outside(np.array([[0.5], [3.0]]), np.array([[0.0], [2.0]]))
        array([0. , 0.5])
    """
    low, high = data.min(axis=0), data.max(axis=0)
    size = np.where(high > low, high - low, 1.0)
    x, data = (x - low) / size, (data - low) / size
    if x.shape[1] == 1:
        return np.maximum(np.maximum(-x, x - (high - low) / size), 0.0)[:, 0]
    corners = _corners(data).T
    columns = np.vstack([corners, np.full(corners.shape[1], TOGETHER)])
    right = np.concatenate([x, np.full((len(x), 1), TOGETHER)], axis=1)
    weights = [scipy.optimize.nnls(columns, row)[0] for row in right]
    near = np.array([w / w.sum() for w in weights]) @ corners.T
    distance = np.linalg.norm(near - x, axis=1)
    return np.where(distance > ROUNDING, distance, 0.0)


def _corners(data: np.ndarray) -> np.ndarray:
    """The corners of the hull where they are cheap to find, else all different points."""
    data = np.unique(data, axis=0)
    if data.shape[1] <= FEW_INPUTS < len(data):
        try:
            return data[scipy.spatial.ConvexHull(data).vertices]
        except scipy.spatial.QhullError:  # all in a plane
            return data
    return data


def relative_variance(
    here: Float[np.ndarray, "n m"], at_data: Float[np.ndarray, "k m"]
) -> Float[np.ndarray, " n"]:
    """Variance of the prediction relative to the largest at the data's own points.

    Above 1 the curve is less certain than at any point of the data: x lies outside of what the
    model's own derivatives span there, be it beyond the range or in a gap (hidden extrapolation:
    Cook and Weisberg 1982, *Residuals and Influence in Regression*, section 2.1; Montgomery, Peck
    and Vining 2012, *Linear Regression Analysis*, section 3.8).

    Args:
        here: Standard deviations of the prediction at x.
        at_data: The same at points of the data.

    Returns:
        The largest ratio of any output; NaN where no variance is known.
    """
    largest = np.max(at_data, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(here == 0, 0.0, (here / largest) ** 2)
    return np.max(ratio, axis=1)
