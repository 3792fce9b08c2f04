"""How far pulls are from a normal distribution of width 1: statistics of one sample or of many."""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float


def kolmogorov_smirnov(pulls: Float[np.ndarray, "k n"]) -> Float[np.ndarray, " k"]:
    """Largest distance between the empirical and the normal distribution function.

    Source: Stephens 1974, J. Am. Stat. Assoc. 69, 730 (D). Its tabulated probabilities are for
    pulls that no fit has touched; draw toys for others.

    Args:
        pulls: Rows of pulls.

    Example:
        >>> kolmogorov_smirnov(np.array([[0.0, 1.0, -1.0]])).round(3)
        array([0.175])
    """
    n = pulls.shape[1]
    below = scipy.special.ndtr(np.sort(pulls, axis=1))
    steps = np.arange(n + 1) / n
    return np.maximum((steps[1:] - below).max(axis=1), (below - steps[:-1]).max(axis=1))


def anderson_darling(pulls: Float[np.ndarray, "k n"]) -> Float[np.ndarray, " k"]:
    """Anderson and Darling's A², which weighs the tails.

    Source: Anderson and Darling 1954, J. Am. Stat. Assoc. 49, 765; Stephens 1974 (A²).

    Args:
        pulls: Rows of pulls.

    Example:
        >>> anderson_darling(np.array([[0.0, 1.0, -1.0]])).round(3)
        array([0.189])
    """
    n = pulls.shape[1]
    ordered = np.sort(pulls, axis=1)
    weights = (2 * np.arange(1, n + 1) - 1) / n
    # ndtr of −z is 1 − ndtr of z with all its digits; far tails would be log 0 otherwise.
    logs = scipy.special.log_ndtr(ordered) + scipy.special.log_ndtr(-ordered[:, ::-1])
    return -n - logs @ weights
