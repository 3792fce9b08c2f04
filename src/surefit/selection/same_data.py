"""Two fits can only be weighed against each other on the same data, with the same loss."""

import numpy as np

from surefit.exceptions import InvalidOption, InvalidType
from surefit.result import Fit


def check_same_data(first: Fit, second: Fit) -> None:
    """Refuse fits that are not to the same points, errors and loss.

    Args:
        first: A fit.
        second: Another.

    Raises:
        InvalidType: One is no fit.
        InvalidOption: They differ; the message says in what.
    """
    for one in (first, second):
        if not isinstance(one, Fit):
            raise InvalidType(f"Got a {type(one).__name__}; pass two fits.")
    a, b = first.data, second.data
    same = {
        "x": np.array_equal(a.x, b.x),
        "y": np.array_equal(a.y, b.y),
        "yerr": a.noise.is_given == b.noise.is_given
        and np.array_equal(a.noise.sigma, b.noise.sigma)
        and np.array_equal(_covariance(first), _covariance(second)),
        "xerr or bins": a.reading == b.reading and _extents_agree(a.extent, b.extent),
        "loss": first.loss == second.loss,
    }
    different = [what for what, is_same in same.items() if not is_same]
    if different:
        raise InvalidOption(
            f"The two fits differ in {' and '.join(different)}; fit both models to the same data "
            "with the same loss."
        )


def _extents_agree(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)


def _covariance(one: Fit) -> np.ndarray:
    found = one.data.noise.covariance
    return np.zeros(0) if found is None else found
