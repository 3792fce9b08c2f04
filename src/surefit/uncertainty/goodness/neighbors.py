"""Whether pulls of neighboring points go together: a model too stiff, or errors correlated."""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float


def count_runs(pulls: Float[np.ndarray, "k n m"]) -> Float[np.ndarray, " k"]:
    """Number of runs of one sign along the points, added over the outputs.

    Source: Wald and Wolfowitz 1940, Ann. Math. Stat. 11, 147.

    Args:
        pulls: Rows of pulls, points in order.

    Example:
        >>> count_runs(np.array([[[1.0], [2.0], [-1.0], [0.5]]]))
        array([3.])
    """
    signs = pulls >= 0
    changes = np.sum(signs[:, 1:] != signs[:, :-1], axis=(1, 2))
    return (changes + pulls.shape[2]).astype(np.float64)


def von_neumann_ratio(pulls: Float[np.ndarray, "k n m"]) -> Float[np.ndarray, " k"]:
    """Mean squared difference of neighbors over the mean square: 2 without correlation.

    Less if neighbors go together, more if they alternate. Source: von Neumann 1941, Ann. Math.
    Stat. 12, 367; Durbin and Watson 1950, Biometrika 37, 409, for residuals of a fit.

    Args:
        pulls: Rows of pulls, points in order.
    """
    differences = np.sum(np.diff(pulls, axis=1) ** 2, axis=(1, 2)) / (pulls.shape[1] - 1)
    return differences / (np.sum(pulls**2, axis=(1, 2)) / pulls.shape[1])


def lag_correlations(pulls: Float[np.ndarray, "n m"], n_lags: int) -> Float[np.ndarray, " lags"]:
    """Autocorrelation of pulls at distances of 1, 2, … points, outputs taken together.

    Source: Box, Jenkins and Reinsel, *Time Series Analysis*, section 2.1.5.

    Args:
        pulls: One set of pulls, points in order.
        n_lags: Largest distance.
    """
    total = max(float(np.sum(pulls**2)), 1e-300)
    lags = range(1, n_lags + 1)
    return np.array([float(np.sum(pulls[lag:] * pulls[:-lag])) / total for lag in lags])


def runs_probability(n_runs: int, n_positive: int, n_negative: int) -> float:
    """Exact probability of at most so many runs if all orders of the signs are alike.

    It holds for signs that no fit has touched; for residuals draw toys. Source: Wald and
    Wolfowitz 1940; Mood 1940, Ann. Math. Stat. 11, 367.

    Args:
        n_runs: Number of runs.
        n_positive: Number of positive values.
        n_negative: Number of negative ones.

    Example:
        >>> round(runs_probability(2, 5, 5), 4)  # 2 of the 252 orders
        0.0079
    """
    comb = scipy.special.comb
    total, ways = comb(n_positive + n_negative, n_positive, exact=True), 0
    for runs in range(1, n_runs + 1):
        half, odd = divmod(runs, 2)
        a, b = n_positive - 1, n_negative - 1
        if runs == 1:
            ways += int(n_positive == 0 or n_negative == 0)
        elif odd:
            ways += comb(a, half - 1, exact=True) * comb(b, half, exact=True)
            ways += comb(a, half, exact=True) * comb(b, half - 1, exact=True)
        else:
            ways += 2 * comb(a, half - 1, exact=True) * comb(b, half - 1, exact=True)
    return ways / total
