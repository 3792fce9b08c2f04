"""Importance weights with their tail smoothed by a generalized Pareto distribution (PSIS)."""

import numpy as np

from surefit.annotations import Float

# A shape of the tail above which an estimate from these weights is not reliable, however many
# draws there are (Vehtari, Gelman and Gabry 2017, section 2.1).
UNRELIABLE = 0.7
# The tail is as long as this share of the draws, or this many times their root, if that is less
# (Vehtari et al. 2024, J. Mach. Learn. Res. 25, 72, section 3).
TAIL_SHARE, TAIL_ROOT = 0.2, 3.0
# Fewer draws have no tail to fit.
FEWEST_IN_TAIL = 5


def smoothed_weights(
    log_ratios: Float[np.ndarray, " s"],
) -> tuple[Float[np.ndarray, " s"], float]:
    """Normalized importance weights whose largest are replaced by quantiles of a fitted tail.

    Source: Vehtari, Gelman and Gabry 2017, Stat. Comput. 27, 1413, section 2.1; Vehtari et al.
    2024, J. Mach. Learn. Res. 25, 72.

    Args:
        log_ratios: Logarithms of the importance ratios, up to a constant.

    Returns:
        Logarithms of the weights, which add up to 1; and k, the shape of the tail: above 0.7 the
        estimates are not reliable, at 1/2 and above the ratios have no variance. It is infinite
        where there are too few draws.
    """
    shifted = log_ratios - np.max(log_ratios)
    n_tail = int(np.ceil(min(TAIL_SHARE * len(shifted), TAIL_ROOT * np.sqrt(len(shifted)))))
    order = np.argsort(shifted, kind="stable")
    tail = order[-n_tail:]
    shape = np.inf
    if FEWEST_IN_TAIL <= n_tail < len(shifted):
        cut = shifted[order[-n_tail - 1]]
        # Where all ratios are the same there is no tail, and nothing to smooth.
        threshold = np.exp(cut)
        excess = np.exp(shifted[tail]) - threshold
        if excess[0] <= 1e-12 * threshold and excess[-1] <= 1e-9 * threshold:
            shape = 0.0
        elif threshold > 0:
            shape, scale = generalized_pareto(np.maximum(excess, 1e-300))
            smooth = pareto_quantiles((np.arange(n_tail) + 0.5) / n_tail, shape, scale)
            # No weight may exceed the largest that was seen.
            shifted[tail] = np.minimum(np.log(threshold + smooth), 0.0)
    largest = np.max(shifted)
    return shifted - largest - np.log(np.sum(np.exp(shifted - largest))), float(shape)


def generalized_pareto(excess: Float[np.ndarray, " m"]) -> tuple[float, float]:
    """Fit a generalized Pareto distribution to values above a threshold.

    An empirical Bayes estimate that needs no iteration (Zhang and Stephens 2009, Technometrics
    51, 316), drawn towards k = 1/2 as if by ten more values (Vehtari et al. 2024, appendix C).

    Args:
        excess: Values above the threshold, positive, in increasing order.

    Returns:
        The shape k, positive for heavy tails, and the scale.
    """
    n = len(excess)
    n_grid = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    grid = np.arange(1, n_grid + 1) - 0.5
    rates = 1 / excess[-1] + (1 - np.sqrt(n_grid / grid)) / (3 * quartile)
    shapes = np.mean(np.log1p(-rates[:, None] * excess), axis=1)
    likelihood = n * (np.log(-rates / shapes) - shapes - 1)
    weights = np.exp(likelihood - np.max(likelihood))
    rate = np.sum(rates * weights) / np.sum(weights)
    shape = float(np.mean(np.log1p(-rate * excess)))
    return (n * shape + 5.0) / (n + 10.0), -shape / rate


def pareto_quantiles(
    probability: Float[np.ndarray, " m"], shape: float, scale: float
) -> Float[np.ndarray, " m"]:
    """Quantiles of a generalized Pareto distribution that begins at zero.

    Example:
        >>> pareto_quantiles(np.array([0.0, 0.5]), 0.0, 1.0).round(3).tolist()
        [0.0, 0.693]
    """
    if abs(shape) < 1e-12:
        return -scale * np.log1p(-probability)
    return scale * np.expm1(-shape * np.log1p(-probability)) / shape
