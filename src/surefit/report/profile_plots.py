"""Figures of profiles and contours."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from surefit.report.style import DASHES, GRAY, PALETTE, Drawing, paper_style

_SIZE = (5.2, 3.6)  # inches


def profile_figure(profile: Any, *, axes: Axes | None = None, title: str | None = None) -> Figure:
    """Draw a profile, the parabola of the symmetric error, and levels of 1, 2 and 3 σ.

    Args:
        profile: A `Profile`.
        axes: Where to draw; by default in a new figure.
        title: Text above the figure.
    """
    with paper_style():
        panel = _panel(axes)
        values = profile.values
        panel.plot(values, profile.rises, color=PALETTE[0], label="profile")
        if np.isfinite(profile.error) and profile.error > 0:
            x = np.linspace(values[0], values[-1], 200)
            parabola = ((x - profile.value) / profile.error) ** 2
            panel.plot(x, parabola, color=PALETTE[1], linestyle=DASHES[1], label="symmetric error")
        top = max(1.5, min(10.0, 1.05 * float(np.max(profile.rises))))
        for level in (1.0, 4.0, 9.0):
            if level < top:
                panel.axhline(level, color=GRAY, linewidth=0.7)
        panel.axvline(profile.value, color=GRAY, linewidth=0.7)
        panel.set(xlabel=profile.name, ylabel="rise of −2 ln L", ylim=(0, top))
        panel.legend(loc="upper center")
        if title is not None:
            panel.set_title(title)
        return panel.figure.get_figure(root=True)


def contour_figure(contour: Any, *, axes: Axes | None = None, title: str | None = None) -> Figure:
    """Draw a contour and the fit.

    Args:
        contour: A `Contour`.
        axes: Where to draw; by default in a new figure.
        title: Text above the figure.
    """
    with paper_style():
        panel = _panel(axes)
        if len(contour.x):
            closed = [np.append(side, side[0]) for side in (contour.x, contour.y)]
            what = "jointly" if contour.joint else "each"
            label = f"{100 * contour.level:.4g} % {what}"
            panel.plot(*closed, color=PALETTE[0], label=label)
        panel.plot(*([value] for value in contour.center), "+", color=PALETTE[1], label="fit")
        panel.set(xlabel=contour.names[0], ylabel=contour.names[1])
        panel.legend()
        if title is not None:
            panel.set_title(title)
        return panel.figure.get_figure(root=True)


def _panel(axes: Axes | None) -> Axes:
    return Drawing(figsize=_SIZE, layout="constrained").add_subplot() if axes is None else axes
