"""The picture of goodness of fit: pulls along x, their distribution, correlation, and influence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from surefit.report.axes import drawable
from surefit.report.points import FEW, MANY, averages, draw_density, point_style
from surefit.report.pulls import pull_limit
from surefit.report.style import GRAY, INK, PALETTE, Drawing, paper_style
from surefit.uncertainty.goodness.assessment import Along, Assessment

_SIZE = (6.4, 6.2)  # inches, a page's text width
_RUNNING_BINS = 24  # averages of pulls that show what single points hide
_MARKED = 3  # most influential points that are labeled


def goodness_figure(assessment: Assessment, *, x_label: str = "x") -> Figure:
    """Draw pulls against x, their histogram, their autocorrelation, and each point's influence.

    Stretches where the curve misses the points are shaded; pulls of several outputs are drawn
    together. With several inputs the first is the horizontal axis of the first panel.

    Args:
        assessment: The statistics.
        x_label: Label of the horizontal axis.

    Returns:
        The figure; save it with its own `savefig`.
    """
    pulls, along = assessment.pulls, assessment.along[0]
    values = pulls.values.ravel()
    x = np.repeat(pulls.x[:, 0], pulls.values.shape[1])
    limit = pull_limit(values)
    with paper_style():
        engine = ConstrainedLayoutEngine(h_pad=0.06, w_pad=0.05)
        figure = Drawing(figsize=_SIZE, layout=engine)
        panels = figure.subplot_mosaic(
            [["pulls", "pulls", "histogram"], ["lags", "lags", "influence"]],
            width_ratios=[1.3, 0.4, 1.3],
        )
        _draw_pulls(panels["pulls"], x, values, limit, along, assessment)
        panels["pulls"].set_xlabel(drawable(x_label))
        _draw_histogram(panels["histogram"], values, limit)
        _draw_autocorrelation(panels["lags"], along, len(pulls.values))
        _draw_influence(panels["influence"], assessment)
    return figure


def _draw_pulls(
    axes: Axes, x: np.ndarray, pull: np.ndarray, limit: float, along: Along, assessment: Assessment
) -> None:
    axes.axhspan(-2, 2, color="#F0F0F0", linewidth=0, zorder=0.1)
    axes.axhspan(-1, 1, color="#DFDFDF", linewidth=0, zorder=0.2)
    axes.axhline(0, color=GRAY, linewidth=1, zorder=1.2)
    for part in along.shifted:
        axes.axvspan(part.low, part.high, color=PALETTE[0], alpha=0.13, linewidth=0, zorder=0.3)
    inside = np.abs(pull) <= limit
    if len(x) > MANY:
        draw_density(axes, x[inside], pull[inside])
    else:
        style = point_style(len(x))
        axes.plot(
            x[inside],
            pull[inside],
            "o",
            markersize=style.size if len(x) <= FEW else max(0.8 * style.size, 1.0),
            markeredgewidth=0,
            color=style.color,
            alpha=style.marker_alpha,
            rasterized=len(x) > 3000,
            zorder=2,
        )
    for sign, marker in ((1, "^"), (-1, "v")):
        beyond = sign * pull > limit
        edge = np.full(int(beyond.sum()), sign * 0.94 * limit)
        axes.plot(
            x[beyond], edge, marker, markersize=5, markeredgewidth=0, color="#B00020", zorder=4
        )
    if len(x) >= 4 * _RUNNING_BINS:
        _draw_averages(axes, x, pull, {index for index, _ in assessment.outliers}, assessment)
    axes.set_ylim(-limit, limit)
    axes.set_ylabel("pull")


def _draw_averages(
    axes: Axes, x: np.ndarray, pull: np.ndarray, outliers: set[int], assessment: Assessment
) -> None:
    """Averages in bins of equally many points, with the error that independent pulls give them."""
    repeated = np.repeat(assessment.pulls.index, assessment.pulls.values.shape[1])
    usual = ~np.isin(repeated, list(outliers))
    edges = np.unique(np.quantile(x, np.linspace(0, 1, _RUNNING_BINS + 1)))
    if len(edges) > 2:
        middle, mean, error = averages(x[usual], pull[usual], None, edges)
        axes.errorbar(
            middle, mean, error, fmt="o", markersize=3, elinewidth=1, color=PALETTE[0], zorder=3.1
        )


def _draw_histogram(axes: Axes, pull: np.ndarray, limit: float) -> None:
    """The pulls' distribution and the normal one; what lies beyond is in the outermost bins."""
    reach = 1.2 * float(np.quantile(np.abs(pull), 0.99)) if len(pull) else limit
    limit = min(limit, max(3.6, reach))
    n_bins = int(np.clip(np.sqrt(len(pull)) * 1.2, 8, 60))
    edges = np.linspace(-limit, limit, n_bins + 1)
    axes.hist(np.clip(pull, -limit, limit), edges.tolist(), color="#C9CCD1", edgecolor="white")
    grid = np.linspace(-limit, limit, 300)
    normal = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    expected = len(pull) * (edges[1] - edges[0]) * normal
    axes.plot(grid, expected, color=PALETTE[1], label="normal, width 1")
    axes.set_ylim(0, 1.25 * max(axes.get_ylim()[1], float(expected.max())))
    axes.set_xlabel("pull")
    axes.set_ylabel("points")
    axes.legend(loc="upper right")


def _draw_autocorrelation(axes: Axes, along: Along, n_points: int) -> None:
    lags = np.arange(1, len(along.autocorrelation) + 1)
    bound = 2 / np.sqrt(n_points)
    axes.axhspan(-bound, bound, color="#DFDFDF", linewidth=0, zorder=0.2, label="±2 σ by chance")
    axes.axhline(0, color=GRAY, linewidth=1)
    axes.vlines(lags, 0, along.autocorrelation, color=INK, linewidth=1.6)
    height = max(1.3 * float(np.abs(along.autocorrelation).max()), 2 * bound)
    axes.set_ylim(-height, 1.3 * height)  # room for the legend
    axes.set_xlabel("distance in points")
    axes.set_ylabel("correlation of pulls")
    axes.legend(loc="upper right")


def _draw_influence(axes: Axes, assessment: Assessment) -> None:
    """Pull of each point against its leverage, with lines of equal influence."""
    influence = assessment.influence
    leverage, pull = influence.leverage.ravel(), influence.studentized.ravel()
    style = point_style(len(pull))
    axes.plot(
        leverage,
        pull,
        "o",
        markersize=max(0.8 * style.size, 1.0),
        markeredgewidth=0,
        color=style.color,
        alpha=style.marker_alpha,
        rasterized=len(pull) > 3000,
    )
    for point in influence.most[:_MARKED]:
        axes.plot(point.leverage, point.pull, "o", markersize=3.5, color=PALETTE[0], zorder=4)
        axes.annotate(
            str(point.index),
            (point.leverage, point.pull),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=8.5,
            color=PALETTE[0],
        )
    high = max(1.1 * float(np.max(np.abs(pull))), 1.0)
    low = -high
    top = max(float(leverage.max()) * 1.15, 1e-6)
    rank = max(float(leverage.sum()), 1e-300)
    grid = np.linspace(min(top, 0.999) / 300, min(top, 0.999), 300)
    for distance, dash in ((1.0, "-"), (0.1, "--")):
        line = np.sqrt(distance * rank * (1 - grid) / grid)
        label = f"Cook's distance {distance:g}"
        if (line < max(high, -low)).any():
            axes.plot(grid, line, dash, color=PALETTE[1], linewidth=1, label=label)
            axes.plot(grid, -line, dash, color=PALETTE[1], linewidth=1)
    axes.axhline(0, color=GRAY, linewidth=1)
    axes.set_xlim(0, top)
    axes.set_ylim(low - 0.05 * (high - low), high + 0.45 * (high - low))  # room for the legend
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.set_xlabel("leverage")
    axes.set_ylabel("pull without the point")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper right")
