"""What is known of each row, as arrays with one entry per row."""

import dataclasses

import numpy as np

from surefit.minimizers.base import Status


@dataclasses.dataclass(frozen=True, eq=False)
class RowResults:
    """The outcome of k fits, for the parameters the fits worked with; P of them, fixed ones too.

    Attributes:
        working: Parameter vectors, shape (k, P); NaN where there is no result.
        covariance: For Δ(−2 ln L) = 1, shape (k, P, P); zero for what is fixed or at a limit.
        has_error: Whether a parameter has an error from curvature, shape (k, P).
        deviance: −2 ln L at the minimum, shape (k,).
        rank: Combinations of parameters that the data determine, shape (k,).
        status: Members of `Status`, shape (k,), of objects.
        is_confirmed: Whether a second, different search found nothing better, shape (k,).
        n_starts: Starts that were refined, shape (k,).
        n_agree: Starts that ended at the minimum, shape (k,).
    """

    working: np.ndarray
    covariance: np.ndarray
    has_error: np.ndarray
    deviance: np.ndarray
    rank: np.ndarray
    status: np.ndarray
    is_confirmed: np.ndarray
    n_starts: np.ndarray
    n_agree: np.ndarray

    def put(self, rows: np.ndarray, others: "RowResults") -> None:
        """Write the results of other rows into these rows."""
        for field in dataclasses.fields(self):
            getattr(self, field.name)[rows] = getattr(others, field.name)


def no_results(k: int, n_parameters: int, status: Status) -> RowResults:
    """Rows without a result.

    Args:
        k: How many.
        n_parameters: P.
        status: What to say of them.
    """
    return RowResults(
        working=np.full((k, n_parameters), np.nan),
        covariance=np.full((k, n_parameters, n_parameters), np.nan),
        has_error=np.zeros((k, n_parameters), dtype=bool),
        deviance=np.full(k, np.nan),
        rank=np.zeros(k, dtype=int),
        status=np.full(k, status, dtype=object),
        is_confirmed=np.zeros(k, dtype=bool),
        n_starts=np.zeros(k, dtype=int),
        n_agree=np.zeros(k, dtype=int),
    )
