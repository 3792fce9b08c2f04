"""Parameters as correlated numbers of the `uncertainties` package, an optional dependency."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.exceptions import MissingDependency


def correlated_numbers(
    values: Mapping[str, float],
    errors: Mapping[str, float],
    covariance: np.ndarray,
) -> dict[str, Any]:
    """Numbers that carry their errors and correlations through any further arithmetic.

    Args:
        values: Value of every parameter, by flat name.
        errors: Error of every parameter; 0 for one that was fixed, NaN where it is not known.
        covariance: Covariance of all in that order, shape (p, p); zero where fixed.

    Returns:
        For each name an `uncertainties.UFloat`, its error NaN where that is not known; a plain
        float for a parameter that was fixed.

    Raises:
        MissingDependency: The package is not installed.
    """
    try:
        import uncertainties
    except ImportError:
        raise MissingDependency(
            "Correlated numbers need the package uncertainties: "
            "pip install 'surefit[uncertainties]'."
        ) from None
    kept = [i for i, name in enumerate(values) if errors[name] > 0]
    chosen = [name for name in values if errors[name] > 0]
    matrix = covariance[np.ix_(kept, kept)]
    means = [values[name] for name in chosen]
    numbers = uncertainties.correlated_values(means, matrix) if chosen else ()
    found = dict(values) | dict(zip(chosen, numbers, strict=True))
    for name in values:
        if math.isnan(errors[name]):
            found[name] = uncertainties.ufloat(values[name], math.nan)
    return found
