"""The picture of a search: the minima at which its independent starts ended, lowest first."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from surefit.exceptions import NotAvailable
from surefit.report.style import GRAY, PALETTE, Drawing, paper_style
from surefit.search.base import Evidence

_SIZE = (6.4, 3.2)  # inches, a page's text width
# Differences in −2 ln L below this are drawn on a linear scale: no error bar can tell them apart.
_LINEAR = 1.0


def waterfall_figure(evidence: Evidence) -> Figure:
    """Draw where each independent start of a search ended, as the height above the best minimum.

    Starts are sorted by where they ended, so that equal ones form a step: a wide lowest step is a
    minimum that is easy to find, a single point one that is not. Minima that only the second
    search found are drawn as open circles before the others. How many starts ended at none is
    written beside.

    Args:
        evidence: What the search saw.

    Returns:
        The figure; save it with its own `savefig`.

    Raises:
        NotAvailable: The search had no separate starts, as that of a linear or a grown model.
    """
    if not evidence.counts:
        raise NotAvailable(
            "There is no waterfall of starts: the model is linear, or its units were grown. "
            "fit.evidence.explanation says what is known."
        )
    height = np.array(evidence.values) - evidence.values[0]
    counts = np.array(evidence.counts)
    with paper_style():
        figure = Drawing(figsize=_SIZE, layout="constrained")
        axes = figure.subplots()
        axes.axhspan(0, 1, color="#E8E8E8", linewidth=0, zorder=0)
        began = 1
        for number, (level, count) in enumerate(zip(height, counts, strict=True)):
            color = PALETTE[0] if number == 0 else PALETTE[1]
            if count:
                starts = np.arange(began, began + count)
                axes.plot(starts, np.full(count, level), "o-", color=color, markersize=4)
                began += int(count)
            else:
                axes.plot([0.5], [level], "o", color=color, markersize=4, fillstyle="none")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_yscale("symlog", linthresh=_LINEAR)
        axes.set(xlabel="independent start, sorted by where it ended", ylim=(-0.3, None))
        axes.set_ylabel("$-2\\,\\ln L$ above the best")
        axes.annotate(
            "one standard deviation", (1, 1), (-4, -3), ha="right",
            xycoords=("axes fraction", "data"), textcoords="offset points", va="top",
            fontsize=8, color=GRAY,
        )  # fmt: skip
        if n_others := evidence.n_starts - evidence.n_finished:
            axes.annotate(
                f"{n_others} more ended at no minimum", (1, 0), (-4, 3), ha="right", va="bottom",
                xycoords="axes fraction", textcoords="offset points", fontsize=8, color=GRAY,
            )  # fmt: skip
    return figure
