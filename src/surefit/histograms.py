"""Fit a density to a histogram: counts, or weighted contents, in bins of one or more axes."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from surefit.data.checked import Data
from surefit.data.histograms import Histogram, check_histogram
from surefit.data.noise import Noise
from surefit.data.reading import AbstractReading
from surefit.exceptions import DataError, InvalidType
from surefit.fitting import How, fit_data
from surefit.losses.base import AbstractLoss
from surefit.losses.poisson import Poisson, ScaledPoisson
from surefit.minimizers.base import AbstractMinimizer, Budget, Report, silent
from surefit.models.readings.bins import BinIntegrals, Cumulative
from surefit.precision import double_precision
from surefit.result import Fit
from surefit.uncertainty.bin_accuracy import accuracy_note

# Expected content of a bin up to which its statistic is not distributed as χ², and the share of
# such bins from which the report says so.
LOW = 5.0
MANY_LOW = 0.2
LOW_COUNTS = (
    "{n} of {total} bins have an expected content below 5: there chi2 is not distributed as χ², so "
    "p is approximate. Merge bins for a test; the fit itself does not mind."
)


@double_precision
def fit_histogram(
    histogram: Any,
    model: Any,
    *,
    variances: Any = None,
    bins: AbstractReading | None = None,
    loss: AbstractLoss | None = None,
    minimizer: AbstractMinimizer | None = None,
    start: Mapping[str, Any] | None = None,
    bounds: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    ties: Mapping[str, Any] | None = None,
    order: Sequence[Any] | None = None,
    constraints: Any = None,
    budget: Budget | None = None,
    key: int = 0,
    progress: Report | None = None,
) -> Fit:
    """Fit a density to a histogram. No starting values are needed.

    The model is the number of entries per unit of x, and is integrated over each bin; so
    `fit.predict(x)` is a density and `fit.expected` the content of the bins. Counts are Poisson
    distributed, empty bins included (Baker and Cousins 1984). Contents of weighted histograms are
    scaled Poisson variables (Bohm and Zech 2014). Under- and overflow are not used.

    Args:
        histogram: A histogram of hist, boost_histogram or uproot, or whatever follows their
            protocol (UHI); or (counts, edges) of `numpy.histogram`, or (counts, x edges, y edges).
        model: The density: a model, or a Python function f(x, a, b, ...); x has shape (n, d) for
            a histogram of d axes.
        variances: Sums of squared weights, for contents that are no counts and bring none.
        bins: `BinIntegrals(order)`, by default of order 6; or `Cumulative()` if the model is the
            integral of the density.
        loss: `Poisson()` for counts and `ScaledPoisson()` for weights if None; `LeastSquares()`
            takes the roots of the variances as errors and needs all of them positive.
        minimizer: See `fit`.
        start: See `fit`.
        bounds: See `fit`.
        fixed: See `fit`.
        ties: See `fit`.
        order: See `fit`.
        constraints: See `fit`.
        budget: See `fit`.
        key: See `fit`.
        progress: See `fit`.

    Returns:
        The fit.

    Raises:
        SurefitError: The histogram, the model or an option cannot be used; the message says which
            argument, what was wrong with it, and what to do.

    Example:
        >>> import numpy as np, surefit as sf
        >>> fit = sf.fit_histogram(([5, 3, 0, 1], [0, 1, 2, 3, 4]), sf.Constant())
        >>> round(fit.values["value"], 6), round(fit.errors["value"], 6)
        (2.25, 0.75)
    """
    checked = check_histogram(histogram, variances)
    reading = check_bins(bins, checked)
    loss = loss or (Poisson() if checked.variances is None else ScaledPoisson())
    said = (start, bounds, fixed, ties, order, constraints)
    how = How(minimizer, budget or Budget(), key, progress or silent)
    data = histogram_data(checked, reading, loss)
    fit = fit_data(data, model, loss, said, how)
    notes = (*fit.notes, *_notes(fit, checked))
    return dataclasses.replace(fit, notes=notes)


def check_bins(bins: Any, histogram: Histogram) -> AbstractReading:
    """How bins are compared with the model, if that suits the histogram.

    Raises:
        InvalidType: It is no such choice.
        DataError: `Cumulative` for a histogram of several axes.
    """
    if bins is None:
        return BinIntegrals()
    if not isinstance(bins, BinIntegrals | Cumulative):
        raise InvalidType(
            f"bins is a {type(bins).__name__}; pass sf.BinIntegrals(order) or sf.Cumulative()."
        )
    if isinstance(bins, Cumulative) and len(histogram.edges) > 1:
        raise DataError(
            f"Cumulative() needs one axis but the histogram has {len(histogram.edges)}; pass the "
            "density and leave bins out."
        )
    return bins


def histogram_data(histogram: Histogram, reading: AbstractReading, loss: AbstractLoss) -> Data:
    """A histogram as data whose points are bins.

    Args:
        histogram: The checked histogram.
        reading: How bins are compared with the model.
        loss: The loss.

    Raises:
        DataError: The loss needs a variance for every bin, and some have none.
    """
    y = histogram.values.reshape(-1, 1)
    counts = histogram.variances is None
    variances = y.copy() if histogram.variances is None else histogram.variances.reshape(-1, 1)
    empty = variances == 0
    is_own = loss.is_likelihood and not loss.is_least_squares
    if not is_own and empty.any():
        raise DataError(
            f"{int(empty.sum())} bin(s) are empty and have no error, so {loss} cannot weigh them, "
            "and leaving them out would bias the fit; leave loss out, or merge bins."
        )
    # An empty bin may have had one entry of the average weight.
    variances[empty] = 1.0 if counts else (variances.sum() / y.sum()) ** 2
    is_given = not (counts and is_own)
    noise = Noise(np.sqrt(variances), is_given=is_given)
    return Data(histogram.centers, y, noise, reading=reading, extent=histogram.widths)


def _notes(fit: Fit, histogram: Histogram) -> list[str]:
    """What is to be said of the bins."""
    notes = []
    outside = histogram.n_outside
    if np.isfinite(outside) and outside != 0:
        notes.append(f"Under- and overflow, {outside:g} in all, are not used.")
    elif not np.isfinite(outside):
        notes.append("What lies outside the bins is not used.")
    if fit.loss.is_likelihood and not fit.loss.is_least_squares:
        kind = "counts" if histogram.variances is None else "weights, as scaled Poisson variables"
        notes.append(f"chi2 is the likelihood ratio of {kind}; empty bins count.")
        low = fit.expected < LOW
        if low.mean() > MANY_LOW:
            notes.append(LOW_COUNTS.format(n=int(low.sum()), total=low.size))
    return notes + accuracy_note(fit)
