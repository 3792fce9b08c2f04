"""The ladder of models as a figure: what each rung leaves, and what speaks against it."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from surefit.exceptions import InvalidOption
from surefit.report.ladder import LadderRow
from surefit.report.style import GRAY, INK, PALETTE, Drawing, paper_style

_WIDTH, _HEIGHT = 6.4, 5.2
# p-values below are drawn at the lower edge.
_LEAST = 1e-6
_LEVEL = 0.05
_LEGEND_COLUMNS = 4
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def ladder_figure(rows: Sequence[LadderRow], n_points: int, *, title: str | None = None) -> Figure:
    """Draw χ² per degree of freedom, and the p-value of every rung, against its effective size.

    Filled marks are adequate rungs: nothing larger is significantly better. The ring is around the
    smallest of them. The gray strip is where noise alone puts χ²/ndof, twice its standard
    deviation. Without errors, σ² is that of the chosen rung.

    Args:
        rows: All rungs.
        n_points: Measured values.
        title: Text above the figure. The default is none.

    Returns:
        The figure; save it with its own `savefig`.

    Raises:
        InvalidOption: There are no rungs.
    """
    if not rows:
        raise InvalidOption("There is no rung to draw.")
    with paper_style():
        engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.05, hspace=0.0)
        figure = Drawing(figsize=(_WIDTH, _HEIGHT), layout=engine)
        upper, lower = figure.subplots(2, sharex=True, height_ratios=[3, 2])
        _draw_sizes(upper, rows, n_points)
        _draw_probabilities(lower, rows)
        handles, labels = upper.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=_LEGEND_COLUMNS)
        if title is not None:
            figure.suptitle(title)
    return figure


def _unit(rows: Sequence[LadderRow]) -> float:
    """σ²: 1 where errors were given, else that of the chosen rung, or of the one that fits best."""
    if not math.isnan(rows[0].chi2):
        return 1.0
    best = [row for row in rows if row.is_best] or [min(rows, key=lambda row: row.score)]
    return best[0].rss / max(best[0].ndof, 1) or 1.0


def _draw_sizes(axes: Axes, rows: Sequence[LadderRow], n_points: int) -> None:
    unit = _unit(rows)
    last = max(row.spent for row in rows)
    spent = np.linspace(0.0, last * 1.05 + 0.5, 200)
    spread = 2 * np.sqrt(2 / np.maximum(n_points - spent, 1))
    axes.fill_between(
        spent,
        np.maximum(1 - spread, 0.05),
        1 + spread,
        color="#DDDDDD",
        lw=0,
        label="noise alone",
    )
    for number, family in enumerate(dict.fromkeys(row.family for row in rows)):
        own = [row for row in rows if row.family == family]
        heights = [row.rss / unit / max(row.ndof, 1) for row in own]
        _draw_family(axes, own, heights, number, family)
    axes.set_yscale("log")
    axes.set_ylabel("rss/(σ² ndof)" if math.isnan(rows[0].chi2) else "χ²/ndof")
    axes.set_xlim(0, spent[-1])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _annotate(axes, rows, unit)


def _draw_family(
    axes: Axes, rows: Sequence[LadderRow], heights: Sequence[float], number: int, label: str | None
) -> None:
    color, marker = PALETTE[number % len(PALETTE)], _MARKERS[number % len(_MARKERS)]
    spent = [row.spent for row in rows]
    axes.plot(spent, heights, color=color, lw=1.0, alpha=0.6)
    faces = [color if row.is_adequate else "white" for row in rows]
    axes.scatter(
        spent, heights, c=faces, edgecolors=color, marker=marker, s=22, zorder=3, label=label
    )


def _annotate(axes: Axes, rows: Sequence[LadderRow], unit: float) -> None:
    """Put a ring and the label at the chosen rung."""
    for row in rows:
        if row.is_best:
            height = row.rss / unit / max(row.ndof, 1)
            _ring(axes, row.spent, height)
            is_right = row.spent > 0.5 * axes.get_xlim()[1]
            axes.annotate(
                row.label,
                (row.spent, height),
                xytext=(-10 if is_right else 10, 22),
                textcoords="offset points",
                ha="right" if is_right else "left",
                arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.8},
                fontweight="bold",
            )


def _ring(axes: Axes, x: float, y: float) -> None:
    axes.scatter([x], [y], s=130, facecolors="none", edgecolors=INK, linewidths=1.4, zorder=4)


def _draw_probabilities(axes: Axes, rows: Sequence[LadderRow]) -> None:
    for number, family in enumerate(dict.fromkeys(row.family for row in rows)):
        own = [row for row in rows if row.family == family and not math.isnan(row.adequacy)]
        _draw_family(axes, own, [max(row.adequacy, _LEAST) for row in own], number, None)
    for row in rows:
        if row.is_best:
            _ring(axes, row.spent, max(row.adequacy, _LEAST))
    axes.axhline(_LEVEL, color=GRAY, lw=1.0, ls="--")
    axes.annotate(
        "5 %: below, something larger is better",
        (0.0, _LEVEL),
        xytext=(4, -3),
        textcoords="offset points",
        va="top",
        color=GRAY,
        fontsize=8.5,
    )
    axes.set_yscale("log")
    axes.set_ylim(_LEAST / 2, 2.0)
    axes.set_ylabel("p (none larger is better)")
    axes.set_xlabel("effective degrees of freedom spent")
