"""Figures of fits: data, curve, band, and how many standard deviations each point is off."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from surefit.exceptions import InvalidOption, InvalidType
from surefit.report.axes import Scales, label_axes, limit_curve_panel, prepare_axes
from surefit.report.curves import draw_band, draw_curve
from surefit.report.points import draw_points
from surefit.report.pulls import draw_pulls
from surefit.report.style import DASHES, PALETTE, Drawing, paper_style
from surefit.report.summary import Curve

_WIDTH = 6.4  # inches, a page's text width
_CURVE_HEIGHT = 3.6
_PULL_HEIGHT = 1.25
_STRIP_HEIGHT = 0.85  # a pull panel's where several models are compared


def fit_figure(
    curve: Curve,
    *,
    x_label: str = "x",
    y_label: str = "y",
    log_x: bool = False,
    log_y: bool = False,
    title: str | None = None,
    show_pulls: bool = True,
    axes: Axes | tuple[Axes, Axes] | None = None,
) -> Figure:
    """Draw data with error bars, the fitted curve with its band, and the pulls underneath.

    A pull is (y − f(x)) / σ. If σ is right and the model describes the data, two thirds of the
    pulls lie in the darker strip (±1) and 95 % in the lighter one (±2), without any pattern.

    Args:
        curve: What to draw.
        x_label: Label of the horizontal axis; mathematics between dollar signs.
        y_label: Label of the vertical axis.
        log_x: Whether x is shown on a logarithmic axis; then every x must be positive.
        log_y: Whether y is; then points that are not positive are left out, which the figure says.
        title: Text above the figure. The default is none.
        show_pulls: Whether the panel of pulls is drawn.
        axes: Where to draw: axes for the curve alone, or a pair of axes for curve and pulls. The
            default is a new figure of our own style; given axes keep theirs.

    Returns:
        The figure; save it with `save_figure`, or with its own `savefig`.

    Raises:
        InvalidOption: A logarithmic axis does not suit the data.

    Example:
        >>> x = np.linspace(0, 1, 5)
        >>> curve = Curve("Line()", x, 2 * x, np.full(5, 0.1), 2 * x, x, 2 * x)
        >>> [panel.get_ylabel() for panel in fit_figure(curve).axes]
        ['y', 'pull']
    """
    curves = [_checked(curve)]
    scales = Scales.checked(curves, log_x, log_y)
    with paper_style():
        if axes is None:
            figure, main, strips = _panels(1 if show_pulls else 0, _PULL_HEIGHT)
        else:
            main, *strips = axes if isinstance(axes, tuple) else (axes,)
            figure = main.figure.get_figure(root=True)
        _draw_curve_panel(main, curves, scales)
        for strip in strips:
            prepare_axes(strip, scales.log_x, False)
            draw_pulls(strip, curve, color=PALETTE[0])
        label_axes([main, *strips], x_label, y_label, title)
    return figure


def overlay_figure(
    curves: Sequence[Curve],
    *,
    x_label: str = "x",
    y_label: str = "y",
    log_x: bool = False,
    log_y: bool = False,
    title: str | None = None,
    show_pulls: bool = True,
) -> Figure:
    """Draw several models fitted to the same data, with one strip of pulls for each.

    Args:
        curves: One for each model, all of the same points, which are taken from the first one.
        x_label: Label of the horizontal axis; mathematics between dollar signs.
        y_label: Label of the vertical axis.
        log_x: Whether x is shown on a logarithmic axis; then every x must be positive.
        log_y: Whether y is; then points that are not positive are left out, which the figure says.
        title: Text above the figure. The default is none.
        show_pulls: Whether the strips of pulls are drawn.

    Returns:
        The figure; save it with `save_figure`.

    Raises:
        InvalidOption: There is no curve, or a logarithmic axis does not suit the data.

    Example:
        >>> x = np.linspace(0, 1, 5)
        >>> curve = Curve("Line()", x, 2 * x, np.full(5, 0.1), 2 * x, x, 2 * x)
        >>> len(overlay_figure([curve, curve]).axes)
        3
    """
    curves = [_checked(curve) for curve in curves]
    if not curves:
        raise InvalidOption("There is no curve to draw; give at least one.")
    scales = Scales.checked(curves, log_x, log_y)
    with paper_style():
        figure, main, strips = _panels(len(curves) if show_pulls else 0, _STRIP_HEIGHT)
        _draw_curve_panel(main, curves, scales)
        for number, (strip, curve) in enumerate(zip(strips, curves, strict=False)):
            prepare_axes(strip, scales.log_x, False)
            draw_pulls(strip, curve, color=_color(number), label=curve.label)
        label_axes([main, *strips], x_label, y_label, title)
    return figure


def parity_curve(label: str, y: np.ndarray, yerr: np.ndarray, predicted: np.ndarray) -> Curve:
    """Make what `fit_figure` shows for a model of several inputs: measured against predicted y.

    Args:
        label: The model's constructor.
        y: Measured outputs, shape (n,).
        yerr: One standard deviation of each, shape (n,).
        predicted: The model at the points, shape (n,).

    Returns:
        A curve whose x is the prediction and whose line is the diagonal; label its axes so.

    Example:
        >>> one = np.ones(2)
        >>> parity_curve("Plane()", np.array([1.0, 2.0]), one, np.array([1.1, 1.9])).curve_x
        array([1.1, 1.9])
    """
    ends = np.array([np.min(predicted), np.max(predicted)])
    return Curve(label, predicted, y, yerr, predicted, ends, ends)


def _checked(curve: Curve) -> Curve:
    if not isinstance(curve, Curve):
        raise InvalidType(f"Cannot draw {type(curve).__name__}; pass a Curve.")
    return curve


def _panels(n_strips: int, strip_height: float) -> tuple[Drawing, Axes, list[Axes]]:
    """Make a figure with one large panel and strips below it that share its horizontal axis."""
    height = _CURVE_HEIGHT + n_strips * strip_height + 0.5
    engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.05, hspace=0.0)
    figure = Drawing(figsize=(_WIDTH, height), layout=engine)
    grid = figure.subplots(
        1 + n_strips,
        sharex=True,
        squeeze=False,
        height_ratios=[_CURVE_HEIGHT] + [strip_height] * n_strips,
    )
    panels = list(grid[:, 0])
    return figure, panels[0], panels[1:]


def _draw_curve_panel(axes: Axes, curves: Sequence[Curve], scales: Scales) -> None:
    first = curves[0]
    prepare_axes(axes, scales.log_x, scales.log_y)
    label = f"data ({len(first.x):,} points)"
    draw_points(axes, first.x, first.y, first.yerr, bars=first.bars, label=label)
    for number, curve in enumerate(curves):
        draw_band(axes, curve, color=_color(number), has_legend=len(curves) == 1)
        # Shifted by one each time the colors start again: no two of 32 look alike.
        dash = DASHES[(number + number // len(PALETTE)) % len(DASHES)]
        draw_curve(axes, curve, color=_color(number), dash=dash)
    limit_curve_panel(axes, curves, scales)


def _color(number: int) -> str:
    return PALETTE[number % len(PALETTE)]
