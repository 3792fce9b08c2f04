"""Draw data points so that five, a thousand and a million of them can all be read."""

import dataclasses
import math

import numpy as np
from matplotlib.axes import Axes

from surefit.report.style import INK
from surefit.report.summary import Bars

FEW = 60  # up to here every point and error bar is drawn in full
FILLED = "#E8E8E8"  # under the steps of a histogram
MANY = 20_000  # more points than this are shown as a density with averages on top
_DENSITY_BINS = (240, 160)


@dataclasses.dataclass(frozen=True)
class PointStyle:
    """How one data point is drawn.

    Attributes:
        size: Diameter of the marker in points of 1/72 inch.
        line_width: Of the error bar, in points.
        marker_alpha: Opacity of the marker, 0 to 1.
        bar_alpha: Opacity of the error bar, 0 to 1.
        color: Of both.
    """

    size: float
    line_width: float
    marker_alpha: float
    bar_alpha: float
    color: str


def point_style(n_points: int) -> PointStyle:
    """Choose a style in which this many points do not become a blob.

    Args:
        n_points: How many points share the panel.

    Example:
        >>> point_style(10).size, point_style(10**4).size
        (4.5, 1.0)
    """
    if n_points <= FEW:
        return PointStyle(4.5, 1.0, 1.0, 1.0, INK)
    # Ink per panel grows as the square root of the number of points rather than in proportion.
    crowding = math.sqrt(FEW / n_points)
    return PointStyle(
        size=max(4.5 * crowding**0.6, 1.0),
        line_width=max(1.0 * crowding**0.5, 0.4),
        marker_alpha=max(crowding**0.35, 0.35),
        bar_alpha=max(crowding**0.8, 0.09),
        color=INK if n_points <= 300 else "#4A4A4A",
    )


def draw_points(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    yerr: np.ndarray | None = None,
    *,
    bars: Bars | None = None,
    label: str | None = None,
) -> None:
    """Draw data with error bars, or as a density where there are more than `MANY`.

    Args:
        axes: Where to draw; scales must be set before.
        x: Inputs, shape (n,).
        y: Outputs, shape (n,).
        yerr: One standard deviation of each, shape (n,); None draws markers only.
        bars: More on the points, such as errors on x.
        label: Entry in the legend; None makes none.
    """
    xerr = None if bars is None else bars.xerr
    yerr = yerr if bars is None or bars.lengths is None else bars.lengths
    if axes.get_yscale() == "log":
        shown = y > 0  # half an error bar without its point would only puzzle
        x, y = x[shown], y[shown]
        xerr = None if xerr is None else xerr[shown]
        yerr = None if yerr is None else yerr[..., shown]
    if len(x) > MANY:
        draw_density(axes, x, y, label=label)
        return
    if bars is not None and bars.edges is not None and axes.get_yscale() != "log":
        axes.stairs(y, bars.edges, fill=True, color=FILLED, zorder=1)
    style = point_style(len(x))
    is_above = len(x) <= FEW  # few points lie on the curve, many would hide it
    if yerr is not None or xerr is not None:
        axes.errorbar(
            x,
            y,
            yerr=yerr,
            xerr=xerr,
            fmt="none",
            elinewidth=style.line_width,
            ecolor=style.color,
            alpha=style.bar_alpha,
            zorder=4 if is_above else 1.5,
            rasterized=len(x) > 3000,
        )
    axes.plot(
        x,
        y,
        "o",
        markersize=style.size,
        markeredgewidth=0,
        color=style.color,
        alpha=style.marker_alpha,
        zorder=4.1 if is_above else 1.6,
        label=label,
        rasterized=len(x) > 3000,
    )


def averages(
    x: np.ndarray, y: np.ndarray, yerr: np.ndarray | None, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average points in bins of x, weighted with 1/σ²; empty bins are left out.

    Args:
        x: Inputs, shape (n,).
        y: Outputs, shape (n,).
        yerr: One standard deviation of each, shape (n,); None for equal ones of 1.
        edges: Increasing bin edges, shape (k + 1,).

    Returns:
        Mean x, mean y and the mean's standard deviation, one entry for each bin with points.
    """
    n_bins = len(edges) - 1
    index = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, n_bins - 1)
    weight = np.ones_like(y) if yerr is None else 1 / np.square(yerr)
    total = np.bincount(index, weight, n_bins)
    filled = total > 0
    sums = [np.bincount(index, weight * column, n_bins)[filled] for column in (x, y)]
    total = total[filled]
    return sums[0] / total, sums[1] / total, 1 / np.sqrt(total)


def draw_density(axes: Axes, x: np.ndarray, y: np.ndarray, *, label: str | None = None) -> None:
    """Draw how many points lie where, in shades of gray.

    Args:
        axes: Where to draw; scales must be set before.
        x: Inputs, shape (n,).
        y: Outputs, shape (n,), positive on a logarithmic axis.
        label: Entry in the legend; None makes none.
    """
    log_x, log_y = axes.get_xscale() == "log", axes.get_yscale() == "log"
    x_edges = _edges(float(x.min()), float(x.max()), _DENSITY_BINS[0], log_x)
    y_edges = _edges(*_usual_range(y, log_y), _DENSITY_BINS[1], log_y)
    counts, _, _ = np.histogram2d(x, y, bins=(x_edges, y_edges))
    axes.pcolormesh(
        x_edges,
        y_edges,
        np.ma.masked_equal(np.sqrt(counts.T), 0),  # square root: sparse outskirts stay visible
        cmap="Greys",
        vmin=-0.15 * np.sqrt(counts.max()),
        vmax=1.5 * np.sqrt(counts.max()),
        rasterized=True,
        zorder=1,
    )
    if label is not None:
        axes.plot([], [], "s", markersize=6, color="#9A9A9A", markeredgewidth=0, label=label)


def _usual_range(y: np.ndarray, is_log: bool) -> tuple[float, float]:
    """Range of all points but far outliers, which would squeeze all the others into one row."""
    low, high = (float(end) for end in np.quantile(y, [1e-4, 1 - 1e-4]))
    reach = (high / low) ** 0.3 if is_log else 0.3 * (high - low)
    low, high = (low / reach, high * reach) if is_log else (low - reach, high + reach)
    return max(low, float(y.min())), min(high, float(y.max()))


def _edges(low: float, high: float, n_bins: int, is_log: bool) -> np.ndarray:
    if high <= low:  # all alike
        low, high = (low / 1.1, high * 1.1) if is_log else (low - 0.5, high + 0.5)
    return (np.geomspace if is_log else np.linspace)(low, high, n_bins + 1)
