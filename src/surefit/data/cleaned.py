"""Data with outliers moved to the median of their neighbors: only to find where to start."""

import dataclasses

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.data.checked import Data

# Neighbors of which the median is taken, the point included, in each pass: where a few outliers
# lie together the first leaves some, which then are rare enough for the next.
PASSES = (9, 15, 9)
# Standard deviations from the median beyond which a point counts as an outlier.
FAR = 4.0


def cleaned(data: Data) -> Data:
    """The data with what lies far from the median of its neighbors replaced by that median.

    Not to be fitted for a result: a narrow peak may be taken for outliers. It gives a search
    starts that outliers have not spoiled (Tukey's running medians, *Exploratory Data Analysis*
    1977, chapter 7).

    Args:
        data: The checked data.

    Returns:
        The data with other y; the same where there are too few points to have neighbors.
    """
    if data.n_points < 2 * max(PASSES):
        return data
    inputs = data.inputs
    spread = np.ptp(inputs, axis=0)
    tree = scipy.spatial.cKDTree(inputs / np.where(spread > 0, spread, 1.0))
    y = data.y
    for n_neighbors in PASSES:
        nearby = y[tree.query(tree.data, n_neighbors)[1]]
        middle = np.median(nearby, axis=1)
        # Where the curve is steep its neighbors differ by more than their errors do.
        usual = 1.4826 * np.median(np.abs(nearby - middle[:, None]), axis=1)
        is_far = np.abs(y - middle) > FAR * np.maximum(usual, data.noise.sigma)
        y = np.where(is_far, middle, y)
    return dataclasses.replace(data, y=y)
