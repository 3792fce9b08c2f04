"""Histograms of any make, checked: edges, contents and what is known of their errors."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.arrays import as_float_array
from surefit.data.noise import LARGEST
from surefit.exceptions import DataError, InvalidErrors, InvalidType, NotFinite, ShapeMismatch

# Relative difference of sums of weights and of squared weights that is rounding: no weights.
ROUNDING = 1e-9
HOW = (
    "pass a histogram of hist, boost_histogram or uproot, or (counts, edges) as numpy.histogram "
    "returns them"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Histogram:
    """A checked histogram.

    Attributes:
        edges: Edges of the bins along each axis, increasing.
        values: Contents of the bins, shape (n₁, …); what lies outside all bins is not in them.
        variances: Sums of squared weights, same shape; None for counts, whose variances are
            those of a Poisson distribution.
        n_outside: Content of under- and overflow bins; NaN if not known.
    """

    edges: tuple[Float[np.ndarray, " k"], ...]
    values: np.ndarray
    variances: np.ndarray | None
    n_outside: float

    @property
    def centers(self) -> np.ndarray:
        """Middles of the bins, shape (n,), or (n, d) for several axes."""
        middles = [(edges[1:] + edges[:-1]) / 2 for edges in self.edges]
        return middles[0] if len(middles) == 1 else _all_pairs(middles)

    @property
    def widths(self) -> Float[np.ndarray, "n d"]:
        """Widths of the bins along each axis."""
        return _all_pairs([np.diff(edges) for edges in self.edges])


def check_histogram(histogram: Any, variances: Any = None) -> Histogram:
    """Read a histogram.

    Args:
        histogram: An object with `axes`, `values()` and `variances()` (the protocol of UHI: hist,
            boost_histogram, uproot), or (counts, edges), or (counts, x edges, y edges).
        variances: Sums of squared weights for contents that are no counts, in the same shape.

    Returns:
        The histogram without under- and overflow.

    Raises:
        InvalidType: It is none of these, or its axes have no edges.
        DataError: It is a profile, is empty, has edges that do not increase, or contents that are
            no counts and have no variances.
        ShapeMismatch: Contents, edges and variances do not fit together.
        NotFinite: An edge or a content is NaN or infinite.
        InvalidErrors: A variance is negative or not finite.

    Example:
        >>> found = check_histogram(np.histogram([0.1, 0.4, 0.45, 0.9], bins=2, range=(0, 1)))
        >>> found.values.tolist(), found.edges[0].tolist(), found.variances
        ([3.0, 1.0], [0.0, 0.5, 1.0], None)
    """
    if hasattr(histogram, "axes") and callable(getattr(histogram, "values", None)):
        edges, contents, own, outside = _from_protocol(histogram)
    else:
        edges, contents, own, outside = *_from_arrays(histogram), None, float("nan")
    values, mask = as_float_array(contents, "the histogram's contents")
    if mask is not None and mask.any():
        raise DataError("The histogram has masked bins; leave them out by its edges.")
    checked = tuple(_checked_edges(one) for one in edges)
    shape = tuple(len(one) - 1 for one in checked)
    if values.shape != shape:
        raise ShapeMismatch(
            f"The histogram has contents of shape {values.shape} but edges for {shape} bins; n "
            "bins have n + 1 edges."
        )
    if not np.isfinite(values).all():
        raise NotFinite("The histogram has contents that are NaN or infinite; mend those bins.")
    if not values.any():
        raise DataError("Every bin of the histogram is empty: there is nothing to fit.")
    given = own if variances is None else variances
    return Histogram(checked, values, _checked_variances(given, values), outside)


def _from_protocol(histogram: Any) -> tuple[list[np.ndarray], Any, Any, float]:
    """Edges, contents, variances and content outside of an object of the UHI protocol."""
    kind = getattr(histogram, "kind", "COUNT")
    if str(getattr(kind, "value", kind)).upper().endswith("MEAN"):
        raise DataError(
            "The histogram is a profile: its bins hold means, not counts. Fit them as points: "
            "sf.fit(centers, h.values(), model, yerr=h.variances() ** 0.5)."
        )
    edges = [_axis_edges(axis) for axis in histogram.axes]
    values = np.asarray(histogram.values())
    try:
        outside = float(np.sum(histogram.values(flow=True)) - np.sum(values))
    except TypeError:  # the protocol knows no flow bins
        outside = float("nan")
    return edges, values, histogram.variances(), outside


def _axis_edges(axis: Any) -> np.ndarray:
    try:
        bins = [axis[i] for i in range(len(axis))]
        pairs = np.array([(float(low), float(high)) for low, high in bins])
    except (TypeError, ValueError):
        raise InvalidType(
            f"An axis of the histogram ({type(axis).__name__}) has categories or integers instead "
            "of bins with a lower and an upper edge; a density needs edges. Project it out, or "
            "rebin it on an axis of edges."
        ) from None
    if not len(pairs):
        raise DataError("An axis of the histogram has no bins.")
    return np.append(pairs[:, 0], pairs[-1, 1])


def _from_arrays(histogram: Any) -> tuple[list[Any], Any]:
    """Edges and contents of what numpy.histogram, histogram2d or histogramdd return."""
    is_sequence = isinstance(histogram, Sequence) and not isinstance(histogram, str | bytes)
    if not is_sequence or len(histogram) < 2:
        raise InvalidType(f"The histogram is a {type(histogram).__name__}; {HOW}.")
    contents, *edges = histogram
    only = edges[0] if len(edges) == 1 and isinstance(edges[0], list | tuple) else ()
    if only and isinstance(only[0], list | tuple | np.ndarray):
        edges = list(only)
    return edges, contents


def _checked_edges(edges: Any) -> np.ndarray:
    array, _ = as_float_array(edges, "the histogram's edges")
    if array.ndim != 1 or len(array) < 2:
        raise ShapeMismatch(
            f"The histogram's edges have shape {array.shape}; pass n + 1 edges for each "
            "axis of n bins."
        )
    if not np.isfinite(array).all():
        raise NotFinite(
            "The histogram has an edge that is NaN or infinite; leave such a bin out: overflow is "
            "not used."
        )
    if not (np.diff(array) > 0).all():
        raise DataError("The histogram's edges do not increase; sort them, without repetitions.")
    if np.abs(array).max() > LARGEST:
        raise DataError(f"The histogram's edges reach {np.abs(array).max():.3g}; change the unit.")
    return array


def _checked_variances(given: Any, values: np.ndarray) -> np.ndarray | None:
    """Sums of squared weights, or None for counts."""
    if given is None:
        if (values == np.round(values)).all() and (values >= 0).all():
            return None
        raise DataError(
            "The histogram's contents are no counts (not all are whole and not negative) and it "
            "has no variances, so their errors are not known. Pass variances=, the sums of "
            "squared weights; or fill it with a storage that keeps them (Weight())."
        )
    variances, _ = as_float_array(given, "variances")
    if variances.shape != values.shape:
        raise ShapeMismatch(
            f"variances have shape {variances.shape} but the histogram {values.shape}."
        )
    if not (np.isfinite(variances) & (variances >= 0)).all():
        raise InvalidErrors("variances must be finite and not negative: sums of squared weights.")
    if np.allclose(variances, values, rtol=ROUNDING, atol=0):
        return None
    bad = (variances == 0) & (values != 0)
    if bad.any():
        raise InvalidErrors(
            f"{int(bad.sum())} bin(s) have content but a variance of 0; pass variances as sums of "
            "squared weights."
        )
    return variances


def _all_pairs(columns: list[np.ndarray]) -> np.ndarray:
    """Every combination of one number from each column, the last varying fastest; (n, d)."""
    grids = np.meshgrid(*columns, indexing="ij")
    return np.stack([grid.ravel() for grid in grids], axis=1)
