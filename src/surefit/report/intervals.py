"""Intervals, profiles and contours of a fit: what was asked is checked, what was found is shown."""

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from surefit.exceptions import InvalidOption, UnknownParameter
from surefit.networks.dense import Dense
from surefit.report.interval_rises import is_adjusted, joint_rise_of, rises_of
from surefit.report.rounding import significant
from surefit.uncertainty.bands import check_level
from surefit.uncertainty.contours import contour_line
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.improved import improved_fit
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.profiles import Interval, profile_curve
from surefit.uncertainty.remarks import confined_names
from surefit.uncertainty.slices import intervals_over_cell
from surefit.uncertainty.step_profiles import step_curve, step_interval

NO_STEPS = Interval(
    np.nan, np.nan, "A step has no interval where errors are the sandwich's: it has no curvature."
)
IN_ORDER = (
    "{name} is a step and counted from its neighbor in order=, so its profile is not drawn; leave "
    "order= out, or fit with bounds instead."
)
# How far a profile is drawn, in standard deviations.
REACH = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class Profile:
    """−2 ln L, minimized over all other parameters, as one is moved.

    Attributes:
        name: The parameter.
        values: Its values, increasing, shape (n,).
        rises: −2 ln L above the minimum, in units in which 1 is one standard deviation, shape (n,).
        value: The fitted value.
        error: The symmetric error, NaN if there is none: its parabola is drawn beside.
        notes: What is to be said of it.
    """

    name: str
    values: np.ndarray
    rises: np.ndarray
    value: float
    error: float
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """The range in words, and the notes."""
        low, high = significant(self.values[0], 4), significant(self.values[-1], 4)
        text = f"Profile of {self.name}: {len(self.values)} points from {low} to {high}."
        return "\n".join([text, *self.notes])

    def plot(self, **options: Any):
        """Draw the profile, the parabola of the symmetric error, and levels of 1, 2 and 3 σ.

        Args:
            **options: Passed to `surefit.report.profile_plots.profile_figure`: `axes`, `title`.

        Returns:
            A matplotlib figure.
        """
        from surefit.report.profile_plots import profile_figure

        return profile_figure(self, **options)


@dataclasses.dataclass(frozen=True, eq=False)
class Contour:
    """A line around the fit in the plane of two parameters.

    Attributes:
        names: The two parameters.
        x: Values of the first on the line, shape (n,).
        y: Values of the second.
        center: The fitted values.
        level: The coverage.
        joint: Whether it is that of both together, or of each by itself.
        notes: What is to be said of it.
        better: The fit at a lower minimum that was met on the way, whose contour this is; or None.
    """

    names: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    center: tuple[float, float]
    level: float
    joint: bool
    notes: tuple[str, ...]
    better: Any = None

    def __str__(self) -> str:
        """What it covers, its extent, and the notes."""
        what = "both together" if self.joint else "each by itself"
        text = f"Contour of {self.names[0]} and {self.names[1]}, {self.level:.4g} for {what}"
        if len(self.x):
            low, high = (
                np.array([self.x, self.y]).min(axis=1),
                np.array([self.x, self.y]).max(axis=1),
            )
            spans = [
                f"{name} from {significant(a, 4)} to {significant(b, 4)}"
                for name, a, b in zip(self.names, low, high, strict=True)
            ]
            text += f": {len(self.x)} points, {', '.join(spans)}."
        return "\n".join([text, *self.notes])

    def plot(self, **options: Any):
        """Draw the line and the fit.

        Args:
            **options: Passed to `surefit.report.profile_plots.contour_figure`: `axes`, `title`.

        Returns:
            A matplotlib figure.
        """
        from surefit.report.profile_plots import contour_figure

        return contour_figure(self, **options)


def fit_intervals(fit: FitRecord, names: Sequence[str], level: float) -> dict[str, Interval]:
    """See `Fit.interval` and `Fit.intervals`."""
    check_level(level)
    for name in names:
        _check_name(fit, name)
    refusal = _refusal(fit)
    if refusal:
        return dict.fromkeys(names, Interval(np.nan, np.nan, refusal))
    fitted = _fitted(fit)
    steps = [name for name in names if _is_step(fitted, name)]
    counted = [name for name in names if _is_counted_step(fitted, name)]
    smooth = [name for name in names if name not in (*steps, *counted)]
    rises, refusal = rises_of(fit, fitted, smooth, fit.quantile(level))
    if refusal:
        return dict.fromkeys(names, Interval(np.nan, np.nan, refusal))
    found = intervals_over_cell(fitted, smooth, rises) if smooth else {}
    lower = next((one for one in found.values() if one.better is not None), None)
    if lower is not None:
        return _intervals_of_better(fit, names, level, lower)
    rise = (fit.quantile(level) * fit.error_scale) ** 2
    found |= {n: Interval(np.nan, np.nan, IN_ORDER.format(name=n)) for n in counted}
    for name in steps:
        ends = NO_STEPS if is_adjusted(fit) else step_interval(fitted, name, rise)
        found[name] = ends
    return {name: found[name] for name in names}


def _intervals_of_better(
    fit: FitRecord, names: Sequence[str], level: float, met: Interval
) -> dict[str, Interval]:
    """The intervals of the fit at a lower minimum, which replaces the one that was asked."""
    better = improved_fit(fit, met.better)
    if better is None or not better.status.may_have_intervals:
        said = f"{met.reason} Going downhill from there leads to none either; fit again."
        return dict.fromkeys(names, Interval(np.nan, np.nan, said))
    said = f"{met.reason} These are the ends of the fit there, which is in `better`."
    found = fit_intervals(better, names, level)
    return {
        name: Interval(*one, " ".join(filter(None, (said, one.reason))), one.better or better)
        for name, one in found.items()
    }


def fit_profile(fit: FitRecord, name: str) -> Profile:
    """See `Fit.profile`."""
    _check_name(fit, name)
    value, error, refusal = fit.values[name], fit.errors[name], _refusal(fit)
    if refusal:
        return Profile(name, np.array([value]), np.zeros(1), value, error, (refusal,))
    fitted = _fitted(fit)
    if _is_step(fitted, name):
        refusal = NO_STEPS.reason if is_adjusted(fit) else ""
        unit = fitted.unit
    else:
        rises, refusal = rises_of(fit, fitted, [name], 1.0)
        unit = rises.get(name, fitted.unit)
    if refusal:
        return Profile(name, np.array([value]), np.zeros(1), value, error, (refusal,))
    method = step_curve if _is_step(fitted, name) else profile_curve
    curve = method(fitted, name, REACH**2 * unit)
    rises = curve.rises * fitted.unit / unit
    return Profile(name, curve.values, rises, value, error, curve.notes)


def fit_contour(
    fit: FitRecord, names: tuple[str, str], level: float, joint: bool, n: int
) -> Contour:
    """See `Fit.contour`."""
    check_level(level)
    for name in names:
        _check_name(fit, name)
    if names[0] == names[1]:
        raise InvalidOption(f"contour got {names[0]!r} twice; name two parameters.")
    if n < 4:
        raise InvalidOption(f"n_points is {n!r}; give at least 4.")
    refusal, nothing = _refusal(fit), np.zeros(0)
    center = fit.values[names[0]], fit.values[names[1]]
    fitted = None if refusal else _fitted(fit)
    if fitted is not None and any(_is_step(fitted, name) for name in names):
        refusal = "A step has no smooth contour; see its profile."
    if fitted is not None and is_adjusted(fit) and not joint:
        refusal = "With the sandwich's errors a contour is that of both together; use joint=True."
    if fitted is None or refusal:
        return Contour(names, nothing, nothing, center, level, joint, (refusal,))
    rise = (fit.quantile(level) * fit.error_scale) ** 2
    if joint:
        rise, refusal = joint_rise_of(fit, fitted, names, level)
    if refusal:
        return Contour(names, nothing, nothing, center, level, joint, (refusal,))
    line = contour_line(fitted, names, rise, n)
    better = None if line.better is None else improved_fit(fit, line.better)
    if better is not None and better.status.may_have_intervals:
        found = fit_contour(better, names, level, joint, n)
        said = f"{line.notes[0]} This is the contour of the fit there, which is in `better`."
        return dataclasses.replace(found, notes=(said, *found.notes), better=found.better or better)
    return Contour(names, line.x, line.y, center, level, joint, line.notes)


def _fitted(fit: FitRecord) -> Fitted:
    parts = (fit.model, fit.data, fit.loss, fit.constraints, fit.working, fit.deviance)
    return Fitted(*parts, fit.error_scale**2, confined_names(fit.remarks))


def _is_step(fitted: Fitted, name: str) -> bool:
    names = fitted.constraints.coordinates.names
    return name in names and bool(fitted.steps[names.index(name)])


def _is_counted_step(fitted: Fitted, name: str) -> bool:
    """Whether a step parameter is no coordinate: in an order it is a distance from another."""
    coordinates = fitted.constraints.coordinates
    if name in coordinates.names or name not in coordinates.all_names:
        return False
    free = np.flatnonzero(coordinates.free)
    place = np.flatnonzero(free == coordinates.all_names.index(name))
    return bool(len(place) and fitted.steps[place[0]])


def _refusal(fit: FitRecord) -> str:
    """Why there are no profiles of this fit, or nothing."""
    fit.predict(fit.data.x[:1])  # a function that a file could not hold says so
    if not fit.status.may_have_intervals:
        return f"The fit is not at a minimum ({fit.status.name.replace('_', ' ')})."
    if not (np.isfinite(fit.error_scale) and fit.error_scale > 0):
        return "The errors on y are not known, and cannot be estimated from these residuals."
    model, is_constrained = fit.model, fit.constraints.is_any
    is_scaled = isinstance(model, Dense) and model.activation.symmetry.degree is not None
    if is_scaled and not is_constrained:
        return (
            "The scale of each unit is free, so a parameter by itself has no profile; the band of "
            "the curve is not affected."
        )
    return ""


def profiled_names(fit: FitRecord) -> tuple[str, ...]:
    """The parameters that have profiles: those that are free or tied."""
    return tuple(n for n in fit.values if n in fit.names or fit.remarks.get(n, "")[:4] == "tied")


def _check_name(fit: FitRecord, name: str) -> None:
    known = profiled_names(fit)
    if name in known:
        return
    if name in fit.values:
        raise UnknownParameter(f"{name} was fixed; only free parameters have profiles.")
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(known[:20])
    raise UnknownParameter(f"{name!r} is not a free parameter of the fit; it has {shown}.{hint}")
