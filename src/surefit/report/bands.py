"""Bands of a fit: what was asked is checked, what they cover and where they hold is said."""

import dataclasses
import functools
from html import escape
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from surefit.data.checked import check_inputs
from surefit.report.plain_points import check_plain
from surefit.report.rounding import significant
from surefit.uncertainty.bands import (
    check_level,
    confidence_error,
    prediction_jacobian,
)
from surefit.uncertainty.covariance import factor_of
from surefit.uncertainty.extrapolation import distance_outside, relative_variance
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.prediction import count_interval, new_error, total_error
from surefit.uncertainty.simultaneous import critical_value, critical_value_of_new, everywhere

# Points of the data's range at which a whole curve is covered, beside those asked for.
GRID = 400
# Points of the data that stand for all.
MOST_POINTS = 1000
# A curve is said to be less certain than anywhere at the data from this ratio of variances.
LESS_CERTAIN = 1.0 + 1e-6


@dataclasses.dataclass(frozen=True, eq=False)
class BandKind:
    """What a band is, apart from its numbers.

    Attributes:
        fit: The fit it belongs to.
        x: Where it was asked for, (n,) or (n, d).
        center: The curve there, shaped like `lower`.
        level: Its coverage.
        half_width: In standard deviations; NaN for counts, whose intervals are not symmetric.
        covers: What it covers, in words.
        notes: What it does not, in sentences.
    """

    fit: FitRecord
    x: np.ndarray
    center: np.ndarray
    level: float
    half_width: float
    covers: str
    notes: tuple[str, ...]


class Band(NamedTuple("BandEnds", [("lower", np.ndarray), ("upper", np.ndarray)])):
    """A band: two arrays, `lower, upper = fit.band(x)`, and what is to be said of them.

    Print it to read what it covers and where x leaves the data.

    Attributes:
        lower: Lower end at each x, shaped like `predict(x)`.
        upper: Upper end.
        kind: What the band is: `kind.level`, `kind.half_width`, `kind.covers`, `kind.notes`.
    """

    kind: BandKind

    def __new__(cls, lower: np.ndarray, upper: np.ndarray, kind: BandKind) -> "Band":
        """Make a band."""
        made = tuple.__new__(cls, (lower, upper))
        made.kind = kind
        return made

    @functools.cached_property
    def distance(self) -> np.ndarray:
        """Distance of each x outside of the data, in units of its range; 0 inside, shape (n,).

        With several inputs it is that from the convex hull of the points.
        """
        data = self.kind.fit.data
        return distance_outside(self.kind.x.reshape(-1, data.n_inputs), data.inputs)

    @functools.cached_property
    def leverage(self) -> np.ndarray:
        """Variance of the curve at each x over the largest at a point of the data, shape (n,)."""
        fit = self.kind.fit
        parts = (fit.model, fit.working, fit.working_covariance)
        at_data = confidence_error(*parts, _some_of(fit))
        return relative_variance(confidence_error(*parts, self.kind.x), at_data)

    @functools.cached_property
    def is_extrapolated(self) -> np.ndarray:
        """Where x leaves the data: outside of them, or the curve less certain than at any point."""
        return (self.distance > 0) | (self.leverage > LESS_CERTAIN)

    def __str__(self) -> str:
        """What it covers, where x leaves the data, and the notes."""
        kind = self.kind
        count = f"{len(kind.x)} point{'s' if len(kind.x) != 1 else ''}"
        first = f"{100 * kind.level:.4g} % {kind.covers} ({count}"
        if np.isfinite(kind.half_width):
            first += f", half width {kind.half_width:.3g} standard deviations"
        return "\n".join([first + ").", *self._beyond(), *kind.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "<br>".join(escape(line) for line in str(self).splitlines())

    def _beyond(self) -> list[str]:
        outside, n = self.distance > 0, len(self.distance)
        inside, said = self.is_extrapolated & ~outside, []
        if outside.any():
            furthest = significant(float(self.distance.max()), 2)
            away = f"up to {furthest} times their range away"
            if self.kind.fit.data.n_inputs > 1:
                away = f"up to {furthest} from their convex hull, inputs in units of their ranges"
            said.append(
                f"{int(outside.sum())} of {n} lie outside of the data, {away}: there the band "
                "holds only if the model still does."
            )
        if inside.any():
            ratio = significant(float(np.max(self.leverage[inside])), 2)
            said.append(
                f"{int(inside.sum())} of {n} lie between the data where the curve is less certain "
                f"than at any point of them (up to {ratio} times the variance)."
            )
        return said


def confidence_band(
    fit: FitRecord, x: ArrayLike, level: float, simultaneous: bool, everywhere_: bool
) -> Band:
    """See `Fit.band`."""
    check_level(level)
    x = check_inputs(x, fit.data)
    tangents = _tangents(fit, x)
    error = np.linalg.norm(tangents, axis=2)
    ndof = _ndof(fit)
    width, covers = fit.quantile(level), "confidence band of the curve, at each x by itself"
    if everywhere_:
        # A curve of no freedom is covered by itself.
        rank = _rank(fit)
        width = everywhere(rank, level, ndof) if rank else 0.0
        covers = "confidence band of the whole curve, at all x whatever"
    elif simultaneous:
        width = critical_value(_whole_curve(fit, tangents), level, ndof)
        covers = f"confidence band of the whole curve, {_region(fit)} together"
    center = fit.curve_at(x)
    half = error * width
    kind = BandKind(fit, x, fit.shaped(center), level, width, covers, _notes(fit))
    return Band(fit.shaped(center - half), fit.shaped(center + half), kind)


def prediction_band(
    fit: FitRecord, x: ArrayLike, yerr: Any, level: float, simultaneous: bool
) -> Band:
    """See `Fit.prediction_band`."""
    check_plain(fit, "A prediction band", may_err=True)
    check_level(level)
    x = check_inputs(x, fit.data)
    center, tangents = fit.curve_at(x), _tangents(fit, x)
    error, notes = np.linalg.norm(tangents, axis=2), _notes(fit)
    together = "all of them together" if simultaneous else "each by itself"
    covers = f"prediction band of new points, {together}"
    if fit.loss.is_of_counts:
        each = 1 - (1 - level) / error.size if simultaneous else level
        lower, upper = count_interval(center, error, each)
        width = float("nan")
    else:
        own = new_error(fit.data.noise, fit.error_scale, x, yerr)
        total = total_error(error, own)
        width = fit.quantile(level)
        if simultaneous:
            rows = tangents.reshape(-1, tangents.shape[2])
            width = critical_value_of_new(rows, own.ravel(), level, _ndof(fit))
        lower, upper = center - width * total, center + width * total
        if not fit.loss.is_likelihood:
            notes += ("It is that of usual points; outliers lie outside more often.",)
    kind = BandKind(fit, x, fit.shaped(center), level, width, covers, notes)
    return Band(fit.shaped(lower), fit.shaped(upper), kind)


def _tangents(fit: FitRecord, x: np.ndarray) -> np.ndarray:
    """How the curve moves at x with independent normal parameters, shape (n, m, k)."""
    jacobian = prediction_jacobian(fit.model, fit.working, x)
    return np.asarray(jacobian) @ factor_of(fit.working_covariance) * fit.error_scale


def _ndof(fit: FitRecord) -> float | None:
    return max(fit.ndof, 1) if fit.estimates_errors else None


def _rank(fit: FitRecord) -> int:
    """Combinations of the parameters with a variance: those at limits and steps have none."""
    covariance = fit.working_covariance
    if not np.isfinite(covariance).all():
        return len(covariance)
    errors = np.sqrt(np.diag(covariance))
    inverse = np.where(errors > 0, 1 / np.where(errors > 0, errors, 1.0), 0.0)
    return int(np.linalg.matrix_rank(covariance * np.outer(inverse, inverse), hermitian=True))


def _region(fit: FitRecord) -> str:
    if fit.data.n_inputs > 1 or not fit.model.is_pointwise:
        return "at the points of the data and these"
    return "over the range of the data and at these x"


def _whole_curve(fit: FitRecord, tangents: np.ndarray) -> np.ndarray:
    """Tangents at the x asked for and where else the curve has to be covered, rows of (g, k)."""
    k = tangents.shape[2]
    here = tangents.reshape(-1, k)
    if not fit.model.is_pointwise:
        return np.concatenate([here, _tangents(fit, fit.data.x).reshape(-1, k)])
    rest = _some_of(fit)
    if fit.data.n_inputs == 1:
        flat = rest.reshape(-1)
        grid = np.union1d(np.linspace(flat.min(), flat.max(), GRID), flat)
        rest = grid.reshape((-1, *rest.shape[1:]))
    return np.concatenate([here, _tangents(fit, rest).reshape(-1, k)])


def _some_of(fit: FitRecord) -> np.ndarray:
    """Points of the data that stand for all, the outermost among them; all if not pointwise."""
    x, n = fit.data.x, fit.data.n_points
    if n <= MOST_POINTS or not fit.model.is_pointwise:
        return x
    order = np.argsort(fit.data.inputs[:, 0], kind="stable")
    chosen = order[np.linspace(0, n - 1, MOST_POINTS).round().astype(int)]
    ends = [f(fit.data.inputs, axis=0) for f in (np.argmin, np.argmax)]
    return x[np.unique(np.concatenate([chosen, *ends]))]


def _notes(fit: FitRecord) -> tuple[str, ...]:
    """What a band from the covariance does not know of."""
    notes, remarks = [], fit.remarks
    if not fit.valid:
        notes.append(f"The fit is not to be trusted ({fit.status.name.replace('_', ' ')}).")
    for start, what in (("step", "steps"), ("at its limit", "parameters at limits")):
        names = [name for name, remark in remarks.items() if remark.startswith(start)]
        if names:
            shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            notes.append(f"The band takes {what} as known exactly ({shown}).")
    n_free = len(fit.constraints.coordinates.names)
    if fit.rank < n_free:
        notes.append(
            f"It is that of the {fit.rank} of {n_free} combinations of parameters that the data "
            "determine; along the others the curve is taken not to move."
        )
    return tuple(notes)
