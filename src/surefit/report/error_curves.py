"""Figures of under- and over-fitting: error on points fitted and points not fitted."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from surefit.report.axes import drawable
from surefit.report.style import DASHES, GRAY, PALETTE, Drawing, paper_style

_SIZE = (6.0, 4.0)  # inches
_FITTED, _NOT_FITTED = PALETTE[1], PALETTE[0]
# Ratio of errors from which the axis is logarithmic.
_WIDE = 5.0


def learning_figure(curve: Any, *, title: str | None = None) -> Figure:
    """Draw both errors against the number of points, with the spread over repeats.

    Args:
        curve: A `LearningCurve`.
        title: Text above the figure; the default is the model.
    """
    with paper_style():
        axes = Drawing(figsize=_SIZE, layout="constrained").add_subplot()
        axes.set_xscale("log")
        parts = (
            (curve.training, "points fitted", _FITTED, DASHES[1]),
            (curve.validation, "points not fitted", _NOT_FITTED, DASHES[0]),
        )
        for values, label, color, dash in parts:
            middle = values.mean(axis=1)
            half = values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
            axes.plot(curve.sizes, middle, "o", color=color, linestyle=dash, label=label)
            axes.fill_between(
                curve.sizes, middle - half, middle + half, color=color, alpha=0.2, linewidth=0
            )
        _finish(axes, np.concatenate([curve.training, curve.validation]), curve.has_scale)
        axes.set_xticks(curve.sizes, [f"{size:,}" for size in curve.sizes])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("points in the fit")
        axes.set_title(drawable(curve.label if title is None else title))
        axes.legend()
        return axes.figure.get_figure(root=True)


def complexity_figure(curve: Any, *, title: str | None = None) -> Figure:
    """Draw both errors against the number of parameters, and the one-standard-error rule.

    The ring is around the smallest model within the gray strip, one standard error above the
    lowest.

    Args:
        curve: A `ComplexityCurve`.
        title: Text above the figure; the default is none.
    """
    rungs = curve.rungs
    sizes = np.array([rung.n_parameters for rung in rungs])
    training = np.array([rung.training for rung in rungs])
    validation = np.array([rung.validation for rung in rungs])
    errors = np.array([rung.validation_error for rung in rungs])
    with paper_style():
        axes = Drawing(figsize=_SIZE, layout="constrained").add_subplot()
        lowest, chosen = curve.lowest, curve.chosen
        axes.axhspan(
            lowest.validation,
            lowest.validation + lowest.validation_error,
            color="#E4E4E4",
            linewidth=0,
            label="one standard error",
        )
        axes.plot(sizes, training, "s", color=_FITTED, linestyle=DASHES[1], label="points fitted")
        axes.errorbar(
            *(sizes, validation, errors),
            fmt="o",
            color=_NOT_FITTED,
            linestyle="-",
            capsize=2,
            label="points not fitted",
        )
        axes.plot(
            *([chosen.n_parameters], [chosen.validation], "o"),
            markersize=13,
            markerfacecolor="none",
            markeredgecolor="black",
            label=drawable(f"chosen: {chosen.label}"),
        )
        _finish(axes, np.concatenate([training, validation]), curve.has_scale)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("parameters")
        if title is not None:
            axes.set_title(drawable(title))
        axes.legend()
        return axes.figure.get_figure(root=True)


def _finish(axes: Axes, errors: np.ndarray, has_scale: bool) -> None:
    """Scale and label the axis of errors; an error of 1 is what noise leaves."""
    finite = errors[np.isfinite(errors) & (errors > 0)]
    if len(finite) and finite.max() > _WIDE * finite.min():
        axes.set_yscale("log")
    if has_scale:
        axes.axhline(1.0, color=GRAY, linewidth=0.8)
        axes.set_ylabel("mean −2 ln L of a point")
    else:
        axes.set_ylabel("mean squared residual")
