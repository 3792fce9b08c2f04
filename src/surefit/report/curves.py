"""Draw fitted curves and their bands, with steps upright as they are."""

import numpy as np
from matplotlib.axes import Axes

from surefit.report.summary import Curve

_STEP_FRACTION = 0.02  # of the curve's whole height: smaller steps cannot be seen
_DOTS = (0, (1, 1.2))  # of a curve that has left the data
_STEP_RATIO = 8.0  # a step rises this many times more than its neighbors on both sides


def draw_curve(axes: Axes, curve: Curve, *, color: str, dash: object = "-") -> None:
    """Draw the smooth curve, with an entry in the legend; dotted where it leaves the data.

    Args:
        axes: Where to draw.
        curve: What to draw.
        color: Of the line.
        dash: A matplotlib line style.
    """
    x, y = upright(curve.curve_x, curve.curve_y, steps=find_steps(curve.curve_x, curve.curve_y))
    beyond = _beyond(curve, x)
    axes.plot(
        x,
        np.where(beyond, np.nan, y),
        color=color,
        linestyle=dash,
        linewidth=1.7,
        label=curve.label,
        zorder=3,
    )
    if beyond.any():  # to the last points that are not beyond, so that the line has no gaps
        shown = beyond | np.append(beyond[1:], False) | np.append(False, beyond[:-1])
        axes.plot(x, np.where(shown, y, np.nan), color=color, linestyle=_DOTS, zorder=3)


def draw_band(axes: Axes, curve: Curve, *, color: str, has_legend: bool) -> None:
    """Draw the bands around the curve, if it has any; hatched where the curve leaves the data.

    Args:
        axes: Where to draw.
        curve: What to draw.
        color: Of the bands; they are transparent.
        has_legend: Whether each gets its own entry in the legend.
    """
    bands = [
        (lower, upper, *look)
        for lower, upper, *look in (
            (curve.lower, curve.upper, 0.3, curve.band_label),
            (curve.outer_lower, curve.outer_upper, 0.13, curve.outer_label),
        )
        if lower is not None and upper is not None
    ]
    steps = find_steps(curve.curve_x, curve.curve_y)
    for number, (lower, upper, alpha, label) in enumerate(bands):
        x, lower = upright(curve.curve_x, lower, steps=steps)
        _, upper = upright(curve.curve_x, upper, steps=steps)
        order, label = 2.5 - 0.1 * number, label if has_legend else None
        fill = {"color": color, "linewidth": 0}
        axes.fill_between(x, lower, upper, alpha=alpha, label=label, zorder=order, **fill)
        beyond = _beyond(curve, x)
        if beyond.any() and number == len(bands) - 1:  # the outermost is enough
            axes.fill_between(
                *(x, lower, upper),
                where=beyond,
                facecolor="none",
                edgecolor=color,
                hatch="////",
                linewidth=0,
                alpha=0.5,
                label="beyond the data" if has_legend else None,
                zorder=order + 0.05,
            )


def _beyond(curve: Curve, x: np.ndarray) -> np.ndarray:
    """Where on a grid, that of the curve with steps drawn upright, it leaves the data."""
    if curve.is_beyond is None:
        return np.zeros(len(x), dtype=bool)
    nearest = np.clip(np.searchsorted(curve.curve_x, x), 0, len(curve.curve_x) - 1)
    return curve.is_beyond[nearest]


def find_steps(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Find where a sampled curve jumps, as opposed to being steep.

    Args:
        x: Grid, shape (k,), increasing, fine but not necessarily regular.
        y: The curve there, shape (k,).

    Returns:
        Indices i such that it jumps between entries i and i + 1.

    Example:
        >>> find_steps(np.arange(6.0), np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2]))
        array([2])
    """
    rise = np.abs(np.diff(y))
    if len(rise) < 3 or not np.isfinite(rise).any():
        return np.zeros(0, dtype=int)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = rise / np.diff(x)
    is_step = rise > _STEP_FRACTION * (np.nanmax(y) - np.nanmin(y))
    # Both: a wide gap in an irregular grid makes a large rise, a narrow one a large slope.
    for size in (rise, slope):
        before = np.concatenate([[size[1]], size[:-1]])
        after = np.concatenate([size[1:], [size[-2]]])
        is_step &= size > _STEP_RATIO * np.maximum(before, after)
    return np.flatnonzero(is_step)


def upright(x: np.ndarray, y: np.ndarray, *, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw each step as a vertical line halfway between its two neighbors on the grid.

    Args:
        x: Grid, shape (k,), increasing.
        y: The curve there, shape (k,).
        steps: Indices i of jumps between i and i + 1.

    Returns:
        Grid and curve with two more entries for each step.

    Example:
        >>> upright(np.array([0.0, 1.0]), np.array([5.0, 6.0]), steps=np.array([0]))
        (array([0. , 0.5, 0.5, 1. ]), array([5., 5., 6., 6.]))
    """
    at = np.repeat(steps + 1, 2)
    middle = np.repeat((x[steps] + x[steps + 1]) / 2, 2)
    ends = np.column_stack([y[steps], y[steps + 1]]).ravel()
    return np.insert(x, at, middle), np.insert(y, at, ends)
