"""Figures of fitted curves over data: inside the data's range, and outside of it."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend import Legend

from surefit.lesson.attempt import Attempt
from surefit.lesson.sample import Array, Sample, truth
from surefit.report.curves import draw_band, draw_curve, find_steps, upright
from surefit.report.points import FEW, draw_points
from surefit.report.pulls import draw_pulls
from surefit.report.style import DASHES, INK, PALETTE, Drawing, paper_style
from surefit.report.summary import Curve

WIDTH = 7.0  # inches
_PANEL, _STRIP = 3.5, 1.05
_TRUTH_DASH = (0, (4, 2.2))


def sample_figure(sample: Sample) -> Drawing:
    """The lesson's sample and the function behind it."""
    with paper_style():
        figure, axes = _panel(3.6)
        _draw_data(axes, sample)
        _draw_truth(axes, truth, 0.0, 1.0)
        _finish(axes, sample)
        axes.set_xlabel("x")
    return figure


def fit_figure(
    sample: Sample,
    attempts: Sequence[Attempt],
    *,
    true_function: Callable[[Array], Array] = truth,
    x_label: str = "x",
    y_label: str = "y",
    components: Sequence[Callable[[Array], Array]] = (),
) -> Drawing:
    """Curves over the data, the true function dashed, and a strip of pulls for each.

    Args:
        sample: The points.
        attempts: What is drawn.
        true_function: What made the points.
        x_label: Label of the horizontal axis.
        y_label: Label of the vertical axis.
        components: Functions drawn thin, the terms of a sum.
    """
    with paper_style():
        n = len(attempts)
        figure = Drawing(figsize=(WIDTH, _PANEL + n * _STRIP + 0.4), layout="constrained")
        grid = figure.subplots(
            1 + n, sharex=True, squeeze=False, height_ratios=[_PANEL] + [_STRIP] * n
        )[:, 0]
        main, strips = grid[0], grid[1:]
        _draw_data(main, sample)
        _draw_truth(main, true_function, sample.x.min(), sample.x.max())
        x = np.linspace(sample.x.min(), sample.x.max(), 1000)
        for number, component in enumerate(components):
            label = "its terms" if number == 0 else None
            main.plot(x, component(x), color=PALETTE[1], linewidth=0.8, alpha=0.8, label=label)
        for number, (attempt, strip) in enumerate(zip(attempts, strips, strict=True)):
            curve, color = attempt.curve(sample), PALETTE[number % len(PALETTE)]
            draw_band(main, curve, color=color, has_legend=False)
            draw_curve(main, curve, color=color, dash=DASHES[number % len(DASHES)])
            draw_pulls(strip, curve, color=color)
            _rasterize(strip)
            strip.set_title(pull_label(attempt), loc="left", fontsize=9, color=color, pad=3)
        _finish(main, sample, [component(x) for component in components])
        main.set_ylabel(y_label)
        grid[-1].set_xlabel(x_label)
        figure.align_ylabels(list(grid))
    return figure


def pull_label(attempt: Attempt) -> str:
    """What stands above a strip of pulls."""
    chi2 = f"{attempt.chi2:,.0f}".replace(",", " ") if np.isfinite(attempt.chi2) else "infinite"
    return f"{attempt.title}: $\\chi^2$/ndof = {chi2}/{attempt.ndof}"


def outside_figure(sample: Sample, attempts: Sequence[Attempt], *, end: float = 2.0) -> Drawing:
    """Curves inside and outside the range of the data.

    Args:
        sample: The points.
        attempts: What is drawn.
        end: How far x goes.
    """
    with paper_style():
        figure, axes = _panel(3.9)
        axes.axvspan(1.0, end, color="#F1F1F1", linewidth=0, zorder=0)
        _draw_data(axes, sample)
        _draw_truth(axes, truth, 0.0, end)
        x = np.linspace(0.0, end, 4000)
        for number, attempt in enumerate(attempts):
            with np.errstate(all="ignore"):
                y = attempt.predict(x)
            color, dash = PALETTE[number % len(PALETTE)], DASHES[number % len(DASHES)]
            curve = Curve(attempt.title, sample.x, sample.y, _errors(sample), sample.y, x, y)
            draw_curve(axes, curve, color=color, dash=dash)
        axes.set(xlim=(0.0, end), ylim=(-2.1, 2.3), xlabel="x", ylabel="y")
        axes.text((1 + end) / 2, -1.95, "no data here", ha="center", va="bottom", color="#666666")
        _enlarge_data(axes.legend(loc="upper left", ncols=2))
    return figure


def zoom_figure(sample: Sample, attempts: Sequence[Attempt]) -> Drawing:
    """Curves less the true function, where wiggles show that the data's scatter hides.

    Args:
        sample: The points.
        attempts: One panel each.
    """
    with paper_style():
        n = len(attempts)
        figure = Drawing(figsize=(WIDTH, 1.35 * n + 0.5), layout="constrained")
        panels = figure.subplots(n, sharex=True, sharey=True, squeeze=False)[:, 0]
        x = np.linspace(0.0, 1.0, 2001)
        for number, (attempt, axes) in enumerate(zip(attempts, panels, strict=True)):
            axes.axhspan(-sample.yerr, sample.yerr, color="#E4E4E4", linewidth=0)
            axes.axhline(0, color=INK, linewidth=0.8, linestyle=_TRUTH_DASH)
            color = PALETTE[number % len(PALETTE)]
            axes.plot(x, attempt.predict(x) - truth(x), color=color, linewidth=1.3)
            axes.set_ylim(-0.42, 0.42)
            axes.text(
                0.01,
                0.9,
                attempt.title,
                transform=axes.transAxes,
                va="top",
                color=color,
                fontsize=9.5,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
            )
        figure.supylabel("curve − truth", fontsize=11.5)
        panels[-1].set(xlabel="x", xlim=(0.0, 1.0))
    return figure


def _panel(height: float) -> tuple[Drawing, Axes]:
    figure = Drawing(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.set_ylabel("y")
    return figure, axes


def _errors(sample: Sample) -> Array:
    return np.full(len(sample.x), sample.yerr)


def _draw_truth(axes: Axes, function: Callable[[Array], Array], low: float, high: float) -> None:
    x = np.linspace(low, high, 4001)
    y = function(x)
    x, y = upright(x, y, steps=find_steps(x, y))
    axes.plot(x, y, color=INK, linewidth=1.3, linestyle=_TRUTH_DASH, label="truth", zorder=3.2)


def _draw_data(axes: Axes, sample: Sample) -> None:
    """Points, with error bars where there are few enough to see them."""
    errors = _errors(sample) if len(sample.x) <= FEW else None
    draw_points(axes, sample.x, sample.y, errors, label="data")
    _rasterize(axes)


def _rasterize(axes: Axes) -> None:
    """Store many points as pixels: a report of thirty figures would else be large and slow."""
    for artist in axes.lines:
        if np.size(artist.get_xdata()) > 300 and artist.get_linestyle() == "None":
            artist.set_rasterized(True)


def _finish(axes: Axes, sample: Sample, shown: Sequence[Array] = ()) -> None:
    everything = np.concatenate([sample.y, *shown])
    low, high = float(everything.min()), float(everything.max())
    margin = 0.12 * (high - low)
    width = float(np.ptp(sample.x))
    axes.set_ylim(low - margin, high + margin)
    axes.set_xlim(sample.x.min() - 0.015 * width, sample.x.max() + 0.015 * width)
    _enlarge_data(axes.legend(loc="best"))


def _enlarge_data(legend: Legend) -> None:
    """Make the data's mark in a legend large enough to be seen."""
    for handle in legend.legend_handles:
        if handle is not None and handle.get_label() == "data":
            handle.set(markersize=4.0, alpha=1.0)
