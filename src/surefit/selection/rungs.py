"""What stands on the ladder: a rung is one model, fitted when it is reached."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.result import Fit


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate:
    """A model fitted well enough to be judged.

    Attributes:
        deviance: χ² at its minimum; the residual sum of squares where no errors were given.
        residuals: Of the cells, whitened, shape (C,).
        tangent: Whitened derivatives at the cells, shape (C, p).
        start: Values by name from which a full search may start; None where there is no need.
        fit: The fit, where it was made in full.
    """

    deviance: float
    residuals: np.ndarray
    tangent: np.ndarray
    start: dict[str, float] | None = None
    fit: Fit | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Rung:
    """One model of the ladder, not fitted yet.

    Attributes:
        family: `polynomial`, `Fourier`, `sigmoids`, …; `yours` for a model that the user gave.
        model: What `fit` takes.
        n_parameters: Number of its parameters.
        spent: Effective degrees of freedom: its place on the ladder.
        make: Fits it; of a family, in order.
        is_costly: Whether it is only worth its time where nothing smaller is adequate.
    """

    family: str
    model: Any
    n_parameters: int
    spent: float
    make: Callable[[], Candidate]
    is_costly: bool = False
