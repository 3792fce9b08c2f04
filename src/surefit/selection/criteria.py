"""Information criteria: the fit's quality, less what its parameters buy by themselves.

All are in units of −2 ln L; only differences between models fitted to the same data mean anything.
"""

import math
from collections.abc import Sequence


def akaike(deviance: float, n_parameters: float) -> float:
    """Akaike's information criterion, −2 ln L + 2k (Akaike 1974).

    Args:
        deviance: −2 ln L at the minimum, up to a constant that is the same for all models.
        n_parameters: k, the number of parameters that the data determine.

    Example:
        >>> akaike(100.0, 3)
        106.0
    """
    return deviance + 2.0 * n_parameters


def akaike_corrected(deviance: float, n_parameters: float, n_values: int) -> float:
    """Akaike's criterion for small samples, AIC + 2k(k + 1)/(n − k − 1).

    The correction is exact for linear models with normal errors of unknown size and customary for
    all others (Hurvich & Tsai 1989, eq. 3; Burnham & Anderson 2002, section 2.4).

    Args:
        deviance: −2 ln L at the minimum, up to a constant that is the same for all models.
        n_parameters: k, the number of parameters that the data determine.
        n_values: n, the number of measured values.

    Returns:
        The criterion; infinite where n ≤ k + 1, as such a model is not supported by the data.

    Example:
        >>> akaike_corrected(100.0, 3, 24)
        107.2
    """
    left = n_values - n_parameters - 1
    if left <= 0:
        return math.inf if not math.isnan(deviance) else math.nan
    return akaike(deviance, n_parameters) + 2.0 * n_parameters * (n_parameters + 1) / left


def bayesian(deviance: float, n_parameters: float, n_values: int) -> float:
    """The Bayesian information criterion, −2 ln L + k ln n (Schwarz 1978).

    It approximates −2 times the logarithm of the evidence for a model whose parameters are all
    determined; for networks it is a rough guide at best.

    Args:
        deviance: −2 ln L at the minimum, up to a constant that is the same for all models.
        n_parameters: k, the number of parameters that the data determine.
        n_values: n, the number of measured values.

    Example:
        >>> round(bayesian(100.0, 3, 24), 3)
        109.534
    """
    return deviance + n_parameters * math.log(n_values)


def profiled_deviance(rss: float, n_values: int) -> float:
    """−2 ln L of normal errors whose common size is unknown, n ln(rss/n), up to a constant.

    The size of the errors then counts as one more parameter.

    Args:
        rss: Residual sum of squares.
        n_values: n, the number of measured values.

    Returns:
        The deviance; −infinity for a perfect fit.

    Example:
        >>> round(profiled_deviance(2.0, 100), 3)
        -391.202
    """
    return n_values * math.log(rss / n_values) if rss > 0 else -math.inf


def akaike_weights(criteria: Sequence[float]) -> list[float]:
    """How probable it is of each model that it predicts best of these (Akaike weights).

    exp(−Δ/2), normalized, with Δ the difference from the lowest (Burnham & Anderson 2002, section
    2.9). They know nothing of models that are not among these.

    Args:
        criteria: AICc of each model; infinite or NaN for one that does not take part.

    Returns:
        Weights that add up to 1; NaN for those that do not take part.

    Example:
        >>> [round(weight, 3) for weight in akaike_weights([10.0, 12.0, math.inf])]
        [0.731, 0.269, nan]
    """
    finite = [value for value in criteria if math.isfinite(value)]
    lowest = min(finite, default=0.0)
    sizes = [math.exp(-(v - lowest) / 2) if math.isfinite(v) else math.nan for v in criteria]
    total = sum(size for size in sizes if not math.isnan(size))
    return [size / total if total else math.nan for size in sizes]
