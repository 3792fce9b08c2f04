"""χ², its probability, and the size of errors that residuals suggest."""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits


def probability_above(chi2: float, ndof: float) -> float:
    """Probability of a χ² at least as large; NaN without degrees of freedom.

    Example:
        >>> round(probability_above(1.0, 1), 4)
        0.3173
    """
    return float(scipy.special.chdtrc(ndof, chi2)) if ndof > 0 else float("nan")


def estimated_scale(rss: float, ndof: float) -> float:
    """The size of the errors on y that the residuals suggest, √(rss/ndof); NaN where none can be.

    Example:
        >>> estimated_scale(8.0, 2)
        2.0
    """
    return float(np.sqrt(rss / ndof)) if ndof > 0 else float("nan")
