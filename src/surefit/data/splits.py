"""Some of the points of a sample: to fit, to validate, to test."""

import dataclasses

import numpy as np

from surefit.data.checked import Data


def taken(data: Data, rows: np.ndarray) -> Data:
    """The sample's points at some places, in that order; correlated errors keep their block.

    Args:
        data: The checked data.
        rows: Indices or a mask of points.

    Example:
        >>> from surefit.data.checked import check_data
        >>> taken(check_data([1, 2, 3], [4, 5, 6]), np.array([2, 0])).y[:, 0].tolist()
        [6.0, 4.0]
    """
    noise, covariance = data.noise, data.noise.covariance
    if covariance is not None:
        index = np.arange(data.n_points)[rows]
        covariance = covariance[np.ix_(index, index)]
    noise = dataclasses.replace(noise, sigma=noise.sigma[rows], covariance=covariance)
    return dataclasses.replace(data, x=data.x[rows], y=data.y[rows], noise=noise)
