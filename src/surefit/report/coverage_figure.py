"""Figure of a coverage check: each parameter and the band, against what is stated."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from surefit.report.style import GRAY, PALETTE, Drawing, paper_style

# Parameters that are drawn, at most: beyond, their names cannot be read.
MOST_DRAWN = 24


def coverage_figure(coverage: Any, *, title: str | None = None) -> Figure:
    """Draw coverages of parameters with binomial errors, and of the band over x.

    Args:
        coverage: A `Coverage`.
        title: Text above the figure.
    """
    shown = coverage.parameters[:MOST_DRAWN]
    with paper_style():
        height = 1.6 + 0.22 * max(len(shown), 6)
        figure = Drawing(figsize=(8.0, height), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_parameters(left, shown)
        _draw_band(right, coverage.band)
        if title is not None:
            figure.suptitle(title)
        return figure


def _draw_parameters(panel: Axes, shown: Any) -> None:
    place = np.arange(len(shown))
    for kind, marker, offset in (("symmetric", "o", 0.12), ("profile", "s", -0.12)):
        for i, color in enumerate(PALETTE[:2]):
            rows = [(p, getattr(one, kind)[i]) for p, one in zip(place, shown, strict=True)
                    if getattr(one, kind)]  # fmt: skip
            if not rows:
                continue
            x, y = [100 * c.share for _, c in rows], [p + offset for p, _ in rows]
            label = f"{'value ± error' if kind == 'symmetric' else 'profile'}"
            panel.errorbar(
                *(x, y),
                xerr=[100 * c.error for _, c in rows],
                fmt=marker,
                markersize=4,
                color=color,
                label=label if i == 0 else None,
            )
    for level in (68.27, 95.45):
        panel.axvline(level, color=GRAY, linewidth=0.8)
    panel.set_yticks(place, [one.name for one in shown])
    panel.invert_yaxis()
    panel.set(xlabel="coverage (%)")
    if any(one.profile for one in shown):
        panel.legend(loc="best")


def _draw_band(panel: Axes, band: Any) -> None:
    x, m = band.x, band.shares.shape[1] // len(band.x)
    along = x if x.ndim == 1 else x[:, 0]
    for i, level in enumerate(band.levels):
        shares = 100 * band.shares[i].reshape(len(x), m)
        panel.plot(along, shares, color=PALETTE[i])
        panel.axhline(100 * level, color=GRAY, linewidth=0.8)
    panel.set(xlabel="x", ylabel="coverage of the band (%)")
