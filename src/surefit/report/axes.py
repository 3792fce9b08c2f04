"""Scales, limits and labels of a figure's axes."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.mathtext import MathTextParser

from surefit.exceptions import InvalidOption
from surefit.report.summary import Curve
from surefit.report.wording import shortened

_LEGEND_LENGTH = 50  # characters; a longer formula would cover the data
# matplotlib's codes of a legend's places, and where in the panel the corners are.
_BEST, _CORNERS = 0, {1: (1, 1), 2: (0, 1), 3: (0, 0), 4: (1, 0)}


@dataclasses.dataclass(frozen=True)
class Scales:
    """Whether the axes are logarithmic, checked against what is to be drawn.

    Attributes:
        log_x: Whether x is.
        log_y: Whether y is.
        n_hidden: Points that a logarithmic y axis cannot show.
    """

    log_x: bool
    log_y: bool
    n_hidden: int

    @classmethod
    def checked(cls, curves: Sequence[Curve], log_x: bool, log_y: bool) -> "Scales":
        """Refuse logarithmic axes where they cannot show the data.

        Args:
            curves: What is to be drawn.
            log_x: Whether x is to be logarithmic.
            log_y: Whether y is.

        Raises:
            InvalidOption: `log_x` with points at x ≤ 0, or `log_y` with no point above 0.
        """
        x, y = curves[0].x, curves[0].y
        if log_x and np.any(x <= 0):
            raise InvalidOption(
                f"log_x needs positive x, but {int(np.sum(x <= 0))} of {len(x)} points have x ≤ 0 "
                f"(the smallest is {np.min(x):g}); draw without log_x, or leave those points out."
            )
        if log_y and not np.any(y > 0):
            raise InvalidOption("log_y needs positive y, but no point has y > 0; draw without it.")
        return cls(log_x, log_y, int(np.sum(y <= 0)) if log_y else 0)


def prepare_axes(axes: Axes, log_x: bool, log_y: bool) -> None:
    """Set the scales, before anything is drawn."""
    # "clip" lets an error bar that reaches below zero end at the axis instead of vanishing.
    if log_x:
        axes.set_xscale("log", nonpositive="clip")
    if log_y:
        axes.set_yscale("log", nonpositive="clip")


def limit_curve_panel(axes: Axes, curves: Sequence[Curve], scales: Scales) -> None:
    """Choose limits from the data, so that a band that runs away does not squeeze them.

    Args:
        axes: The panel, drawn.
        curves: What is in it.
        scales: Its scales.
    """
    x = np.concatenate([curves[0].x, *(curve.curve_x for curve in curves)])
    low, high = _padded(x[x > 0] if scales.log_x else x, scales.log_x, 0.02)
    axes.set_xlim(low, high)
    axes.set_ylim(*_y_limits(curves, scales.log_y))
    # "best" compares every point with every corner: too slow for many points.
    n_points = len(curves[0].x)
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: _legend_rank(handles[i]))
    legend = axes.legend(
        [handles[i] for i in order],
        [drawable(shortened(labels[i], _LEGEND_LENGTH)) for i in order],
        loc=_BEST if n_points <= 3000 else _emptiest_corner(axes, curves[0]),
    )
    for handle in legend.legend_handles:
        if isinstance(handle, Line2D) and handle.get_linestyle() == "None":
            handle.set(markersize=max(4.0, handle.get_markersize()), alpha=1.0)
    if scales.n_hidden:
        axes.set_title(
            f"not shown: {scales.n_hidden} of {n_points} points, which have y ≤ 0",
            loc="right",
            fontsize=8.5,
            style="italic",
        )


def label_axes(panels: Sequence[Axes], x_label: str, y_label: str, title: str | None) -> None:
    """Label the panels of a figure that share x, the first one being the curve's.

    Args:
        panels: From top to bottom.
        x_label: Label below the lowest.
        y_label: Label of the first.
        title: Text above the first, or None.
    """
    panels[0].set_ylabel(drawable(y_label))
    panels[-1].set_xlabel(drawable(x_label))
    for panel in panels[:-1]:
        panel.tick_params(labelbottom=False)
    if title is not None:
        panels[0].set_title(drawable(title))
    panels[0].figure.align_ylabels(list(panels))


def drawable(text: str) -> str:
    r"""Let text through that matplotlib can draw; where its mathematics is broken, show it as is.

    Args:
        text: A label, with mathematics between dollar signs; a column's name may hold dollar signs
            that are not meant as such.

    Example:
        >>> print(drawable(r"$\sigma_x$ in cm"), "|", drawable(r"$\unknown$"))
        $\sigma_x$ in cm | \$\unknown\$
    """
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return text.replace("$", r"\$")
    return text


def _emptiest_corner(axes: Axes, curve: Curve) -> int:
    """The corner with the fewest of some thousand points that stand for all."""
    step = -(-len(curve.x) // 2000)
    sample = np.column_stack([curve.x, curve.y])[::step]
    shown = axes.transData.transform(sample)
    places = np.asarray(axes.transAxes.inverted().transform(shown))
    crowds = {
        code: int(np.sum((abs(places[:, 0] - x) < 0.42) & (abs(places[:, 1] - y) < 0.24)))
        for code, (x, y) in _CORNERS.items()
    }
    return min(crowds, key=crowds.__getitem__)


def _legend_rank(handle: Artist) -> int:
    """Data first, then curves, then their bands."""
    if isinstance(handle, Line2D):
        return 0 if handle.get_linestyle() == "None" else 1
    return 2


def _y_limits(curves: Sequence[Curve], is_log: bool) -> tuple[float, float]:
    """Limits that hold the data, most error bars, and the curves as far as they stay near."""
    y, yerr = curves[0].y, curves[0].yerr
    usable = np.isfinite(y) & ((y > 0) | (not is_log))
    y, yerr = y[usable], np.nan_to_num(yerr[usable], nan=0.0, posinf=0.0)
    if len(y) > 1000:
        low, high = (float(limit) for limit in np.quantile(y, [5e-5, 1 - 5e-5]))
        low, high = max(low, float(y.min())), min(high, float(y.max()))
    else:
        bottoms = np.where(y - yerr > 0, y - yerr, y / 2) if is_log else y - yerr
        low, high = float(bottoms.min()), float((y + yerr).max())
    if is_log:
        low, high = np.log10(low), np.log10(high)
    reach = 0.6 * (high - low)
    for curve in curves:
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.log10(curve.curve_y) if is_log else curve.curve_y
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn):
            low = max(low - reach, min(low, float(drawn.min())))
            high = min(high + reach, max(high, float(drawn.max())))
    low, high = _padded(np.array([low, high]), False, 0.06)
    return (10**low, 10**high) if is_log else (low, high)


def _padded(numbers: np.ndarray, is_log: bool, fraction: float) -> tuple[float, float]:
    numbers = numbers[np.isfinite(numbers)]
    if is_log:
        low, high = _padded(np.log10(numbers), False, fraction)
        return 10**low, 10**high
    low, high = float(numbers.min()), float(numbers.max())
    margin = fraction * (high - low) or 0.05 * abs(low) or 1.0
    return low - margin, high + margin
