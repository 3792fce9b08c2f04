"""Results as the columns that a user reads: reported parameters, errors, χ² and its company."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from surefit.many.columns import RowResults
from surefit.many.plan import Plan
from surefit.many.rows import Samples
from surefit.minimizers.base import Status
from surefit.result import Fit
from surefit.uncertainty.reported import MOST_DIGITS_LOST


def columns_of(results: RowResults, how: Plan, samples: Samples) -> dict[str, Any]:
    """The columns of rows that were fitted as a batch.

    Args:
        results: One for each row of the samples.
        how: How they were fitted.
        samples: The data.

    Returns:
        The fields of `Fits` that hold columns, and the curve.
    """
    has_result = np.isfinite(results.deviance)
    ndof = np.where(has_result, samples.n_points - results.rank, 0)
    covariance = results.covariance
    if not samples.is_given:
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(ndof > 0, results.deviance / ndof, np.nan)
        covariance = np.where(covariance == 0, 0.0, covariance * scale[:, None, None])
    names, values, errors, covariance = _reported(results, how, covariance)
    is_minimum = is_any_of(results.status, [one for one in Status if one.is_minimum])
    nothing = np.full(len(samples), np.nan)
    return {
        "parameter_names": names,
        "values": values,
        "errors": np.where(has_result[:, None], errors, np.nan),
        "covariance": covariance,
        "chi2": results.deviance if samples.is_given else nothing,
        "rss": _rss(results, how, samples),
        "ndof": ndof,
        "valid": is_minimum & results.is_confirmed,
        "status": results.status,
        "messages": samples.messages,
        "n_starts": results.n_starts,
        "n_agree": results.n_agree,
        "curve": Curves(how.resolved, results.working),
    }


def is_any_of(statuses: np.ndarray, some: Iterable[Status]) -> np.ndarray:
    """Which of an array of statuses are among some, shape (k,)."""
    return np.logical_or.reduce([statuses == one for one in some])


def _reported(results: RowResults, how: Plan, covariance: np.ndarray):
    """Names, values, errors and covariances of the reported parameters."""
    model, fixed = how.resolved, ~how.constraints.free
    conversion = model.conversion()
    if conversion is None:
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(np.einsum("kii->ki", covariance))
        errors = np.where(results.has_error | fixed, errors, np.nan)
        return model.parameters().names, results.working, errors, covariance
    matrix, names = conversion.matrix, conversion.parameters.names
    if not conversion.digits_lost <= MOST_DIGITS_LOST:
        unknown = np.full((len(results.working), len(names)), np.nan)
        return names, unknown, unknown, np.full((*unknown.shape, len(names)), np.nan)
    values = results.working @ matrix.T + conversion.offset
    covariance = matrix @ covariance @ matrix.T
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.einsum("kii->ki", covariance))
    without = ((~results.has_error & ~fixed) @ (matrix != 0).T) > 0
    return names, values, np.where(without, np.nan, errors), covariance


def _rss(results: RowResults, how: Plan, samples: Samples) -> np.ndarray:
    """Residual sum of squares of each row."""
    if not samples.is_given:
        return results.deviance
    sigma = samples.yerr
    if isinstance(sigma, np.ndarray) and sigma.ndim == 1:
        return results.deviance * sigma**2
    curve, found = Curves(how.resolved, results.working), np.full(len(samples), np.nan)
    rows = np.flatnonzero(np.isfinite(results.deviance))
    if samples.is_shared and isinstance(samples.y, np.ndarray):
        found[rows] = np.sum((curve(rows, samples.x) - samples.y[rows]) ** 2, axis=1)
        return found
    for row in rows:
        data = samples.data(int(row))
        found[row] = np.sum((curve(np.array([row]), data.x)[0] - data.y[:, 0]) ** 2)
    return found


class Curves:
    """The fitted functions of rows that were fitted as a batch."""

    def __init__(self, model, working: np.ndarray) -> None:
        """Keep what is needed.

        Args:
            model: The resolved model.
            working: Parameter vectors, shape (k, P).
        """
        self._model, self._working = model, working

    def __call__(self, rows: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Predictions of rows at x, shape (rows, n)."""
        working = self._working[rows]
        with np.errstate(all="ignore"):
            found = [np.asarray(self._model.evaluate(one, x))[:, 0] for one in working]
        return np.array(found)


def table_of_fits(fits: Mapping[int, Fit], samples: Samples) -> dict[str, Any]:
    """The columns of rows that were fitted one by one.

    Args:
        fits: The fit of each row that has one.
        samples: The data, with messages for the other rows.
    """
    k = len(samples)
    names = tuple(next(iter(fits.values())).values) if fits else ()
    p = len(names)
    blank = np.full((k, p), np.nan)
    nothing, none = np.full(k, np.nan), np.zeros(k, dtype=int)
    table = {
        "parameter_names": names,
        "values": blank,
        "errors": blank.copy(),
        "covariance": np.full((k, p, p), np.nan),
        "chi2": nothing,
        "rss": nothing.copy(),
        "ndof": none,
        "valid": np.zeros(k, dtype=bool),
        "status": np.full(k, Status.bad_data, dtype=object),
        "messages": samples.messages,
        "n_starts": none.copy(),
        "n_agree": none.copy(),
        "curve": None,
    }
    return with_fits(table, fits)


def with_fits(table: dict[str, Any], fits: Mapping[int, Fit]) -> dict[str, Any]:
    """Columns in which some rows are replaced by what a single fit found.

    Args:
        table: The columns; written to.
        fits: The fit of each of these rows.
    """
    for row, one in fits.items():
        names = table["parameter_names"]
        table["values"][row] = [one.values[name] for name in names]
        table["errors"][row] = [one.errors[name] for name in names]
        free = np.isin(names, one.names)
        table["covariance"][row] = 0.0
        table["covariance"][row][np.ix_(free, free)] = one.covariance
        for column in ("chi2", "rss", "ndof", "valid", "status"):
            table[column][row] = getattr(one, column)
        for column in ("n_starts", "n_agree"):
            table[column][row] = getattr(one.evidence, column)
    return {**table, "curve": MixedCurves(table["curve"], fits)}


class MixedCurves:
    """The fitted functions of rows some of which were fitted by themselves."""

    def __init__(self, others: Any, fits: Mapping[int, Fit]) -> None:
        """Keep what is needed.

        Args:
            others: The curves of the other rows.
            fits: The fit of each row that was fitted by itself.
        """
        self._others, self._fits = others, dict(fits)

    def __call__(self, rows: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Predictions of rows at x, shape (rows, n)."""
        found = np.full((len(rows), len(x)), np.nan)
        is_own = np.array([int(row) in self._fits for row in rows])
        if self._others is not None and not is_own.all():
            found[~is_own] = self._others(rows[~is_own], x)
        for place in np.flatnonzero(is_own):
            found[place] = self._fits[int(rows[place])].predict(x)
        return found
