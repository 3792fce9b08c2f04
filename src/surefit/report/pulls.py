"""Draw pulls, (y − f) / σ: the panel in which a wrong model shows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from surefit.report.axes import drawable
from surefit.report.points import FEW, MANY, averages, draw_density, point_style
from surefit.report.style import INK
from surefit.report.summary import Curve
from surefit.report.wording import shortened

_LEAST_LIMIT = 3.6  # room for ±3, which some point in a few hundred reaches by chance
_AVERAGED_BINS = 60
_LABEL_LENGTH = 70  # characters


def draw_pulls(axes: Axes, curve: Curve, *, color: str, label: str | None = None) -> None:
    """Draw the pull of each point over strips for ±1 and ±2 standard deviations.

    Args:
        axes: Where to draw; the scale of x must be set before.
        curve: The fit.
        color: Of the line at zero, the model's color in the panel above.
        label: Name of the model in a corner. The default is none.
    """
    pull = curve.pull
    shown = np.isfinite(pull)
    x, pull = curve.x[shown], pull[shown]
    limit = pull_limit(pull)
    axes.axhspan(-2, 2, color="#F0F0F0", linewidth=0, zorder=0.1)
    axes.axhspan(-1, 1, color="#DFDFDF", linewidth=0, zorder=0.2)
    axes.axhline(0, color=color, linewidth=1.3, zorder=3 if len(x) > 300 else 1.2)
    inside = np.abs(pull) <= limit
    if len(x) > MANY:
        _draw_many(axes, x[inside], pull[inside])
    else:
        _draw_single_pulls(axes, x[inside], pull[inside])
        _draw_outside(axes, x[~inside], pull[~inside], limit)
    axes.set_ylim(-limit, limit)
    axes.set_ylabel("pull")
    few_ticks = MaxNLocator(nbins=4, integer=True, symmetric=True)
    axes.yaxis.set_major_locator(MultipleLocator(2) if limit < 7 else few_ticks)
    if label is not None:
        axes.annotate(
            drawable(shortened(label, _LABEL_LENGTH)),
            (0.01, 0.93),
            xycoords="axes fraction",
            va="top",
            fontsize=8.5,
            color=color,
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5},
            zorder=5,
        )


def pull_limit(pull: np.ndarray) -> float:
    """Height of the panel: all pulls, unless a few lie so far out that they would flatten the rest.

    Args:
        pull: Shape (n,), finite.

    Returns:
        The largest pull that is shown at its place; the panel is symmetric.

    Example:
        >>> pull_limit(np.array([-1.0, 2.0])), pull_limit(np.full(100, 10.0))
        (3.6, 11.0)
    """
    if not len(pull):
        return _LEAST_LIMIT
    size = np.abs(pull)
    usual = 4 * float(np.quantile(size, 0.95))
    bar = 1.0 if len(pull) <= FEW else 0.0  # few points have error bars, which need room too
    return max(_LEAST_LIMIT, 1.1 * (min(float(size.max()), usual) + bar))


def _draw_single_pulls(axes: Axes, x: np.ndarray, pull: np.ndarray) -> None:
    style = point_style(len(x))
    few = len(x) <= FEW
    if few:
        axes.errorbar(
            x, pull, np.ones(len(x)), fmt="none", elinewidth=style.line_width, ecolor=INK, zorder=2
        )
    axes.plot(
        x,
        pull,
        "o",
        markersize=style.size if few else max(0.8 * style.size, 1.0),
        markeredgewidth=0,
        color=style.color,
        alpha=style.marker_alpha,
        rasterized=len(x) > 3000,
        zorder=2,
    )


def _draw_many(axes: Axes, x: np.ndarray, pull: np.ndarray) -> None:
    """Draw a density, the strips' edges on top of it, and averages, which show what it hides."""
    draw_density(axes, x, pull)
    for height in (-2, -1, 1, 2):
        axes.axhline(height, color="white", linewidth=0.7, linestyle=(0, (5, 3)), zorder=1.3)
    is_log = axes.get_xscale() == "log"
    edges = (np.geomspace if is_log else np.linspace)(x.min(), x.max(), _AVERAGED_BINS + 1)
    middle, mean, error = averages(x, pull, None, edges)
    axes.errorbar(
        middle, mean, error, fmt="o", markersize=2.2, elinewidth=0.8, color=INK, zorder=3.1
    )


def _draw_outside(axes: Axes, x: np.ndarray, pull: np.ndarray, limit: float) -> None:
    """Mark the points beyond the panel with arrowheads at its edge."""
    for sign, marker in ((1, "^"), (-1, "v")):
        beyond = sign * pull > limit
        edge = np.full(int(beyond.sum()), sign * 0.94 * limit)
        axes.plot(
            x[beyond], edge, marker, markersize=4, markeredgewidth=0, color="#B00020", zorder=4
        )
