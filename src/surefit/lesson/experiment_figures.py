"""Figures of the experiments: ladder of attempts, ends of descents, permutations, starts, costs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D

from surefit.lesson.attempt import OURS, Attempt
from surefit.lesson.costs import Cost
from surefit.lesson.curve_figures import WIDTH
from surefit.lesson.permutations import Permutations
from surefit.lesson.sample import Sample
from surefit.lesson.wrong_starts import Success
from surefit.report.style import GRAY, INK, PALETTE, Drawing, paper_style

OUR_COLOR, THEIR_COLOR = PALETTE[0], PALETTE[1]


def ladder_figure(attempts: Sequence[Attempt], sample: Sample) -> Drawing:
    """Chi-squared of all attempts at the lesson's sample, from the line to the network."""
    with paper_style():
        height = 0.27 * len(attempts) + 0.9
        figure = Drawing(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots()
        for row, attempt in enumerate(attempts):
            ours = attempt.by == OURS
            color = OUR_COLOR if ours else THEIR_COLOR
            axes.plot(
                attempt.chi2, row, "o" if ours else "s", color=color, markersize=6,
                markerfacecolor=color if ours else "white", zorder=3,
            )  # fmt: skip
        axes.axvline(sample.true_chi2, color=INK, linewidth=1.1, linestyle=(0, (4, 2.2)), zorder=1)
        axes.set_yticks(range(len(attempts)), [attempt.title for attempt in attempts])
        axes.tick_params(axis="y", which="both", length=0, labelsize=9.5)
        axes.yaxis.minorticks_off()
        axes.grid(axis="y", color="#E8E8E8", linewidth=0.7)
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlabel(r"$\chi^2$ (less is better)")
        handles = [
            Line2D([], [], marker="o", color=OUR_COLOR, linestyle="", label="surefit"),
            Line2D([], [], marker="s", color=THEIR_COLOR, linestyle="", markerfacecolor="white",
                   label="as in the lesson"),
            Line2D([], [], color=INK, linestyle=(0, (4, 2.2)), linewidth=1.1, label="the truth"),
        ]  # fmt: skip
        figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


def ends_figure(attempts: Sequence[Attempt], ours: Sequence[Attempt]) -> Drawing:
    """Where descents from random starts ended, beside where ours ended.

    Args:
        attempts: Those with several tries.
        ours: Ours on the same model, drawn as lines.
    """
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 0.62 * len(attempts) + 1.2), layout="constrained")
        axes = figure.subplots()
        for row, attempt in enumerate(attempts):
            ends = np.array(attempt.ends)
            finite = ends[np.isfinite(ends)]
            offsets = 0.12 * (np.arange(len(finite)) % 3 - 1)
            axes.plot(
                finite, row + offsets, "o", color=THEIR_COLOR, alpha=0.65, markersize=6,
                markeredgewidth=0,
            )  # fmt: skip
        for number, attempt in enumerate(ours):
            axes.axvline(
                attempt.chi2, color=(PALETTE[0], PALETTE[2])[number % 2],
                linestyle=("-", (0, (5, 3)))[number % 2], linewidth=1.6,
                label=f"surefit, {attempt.title}, no start",
            )  # fmt: skip
        axes.set_yticks(range(len(attempts)), [attempt.method for attempt in attempts])
        axes.yaxis.minorticks_off()
        axes.tick_params(axis="y", which="both", length=0)
        axes.set_ylim(len(attempts) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.set_xlabel(r"$\chi^2$ at which each try ended")
        figure.legend(loc="outside upper center", ncols=2)
    return figure


def path_figure(permutations: Permutations) -> Drawing:
    """Chi-squared on straight paths between equal minima."""
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 3.4), layout="constrained")
        axes = figure.subplots()
        for number, path in enumerate(permutations.paths):
            axes.plot(permutations.along, path, color=PALETTE[number % len(PALETTE)], linewidth=1.3)
        best = float(permutations.paths[:, 0].min())
        axes.plot([0, 1], [best, best], "o", color=INK, markersize=7, clip_on=False, zorder=5)
        axes.set_yscale("log")
        axes.set(
            xlim=(0, 1),
            xlabel="position between the minimum (0) and its copy with units exchanged (1)",
            ylabel=r"$\chi^2$",
        )
    return figure


def start_figure(successes: Sequence[Success]) -> Drawing:
    """MIGRAD's success against the distance of its start, and one parameter at a time."""
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 6.3), layout="constrained")
        grid = figure.subplots(2, len(successes), squeeze=False, height_ratios=[1.15, 1])
        for axes, success in zip(grid[0], successes, strict=True):
            _draw_rates(axes, success)
        for axes, success in zip(grid[1], successes, strict=True):
            _draw_map(axes, success)
        grid[0, 0].set_ylabel("rate of success")
        grid[1, 0].set_ylabel("the one parameter started wrong", fontsize=10)
    return figure


def _draw_rates(axes: Axes, success: Success) -> None:
    rates, n = np.array(success.rates), success.n_starts
    # Wilson 1927: stays inside [0, 1] and is not empty at 0 or n successes.
    center = (rates + 0.5 / n) / (1 + 1 / n)
    half = np.sqrt(rates * (1 - rates) / n + 0.25 / n**2) / (1 + 1 / n)
    ends = np.array([np.maximum(rates - center + half, 0), np.maximum(center + half - rates, 0)])
    axes.errorbar(
        success.distances, rates, ends, fmt="s-", color=THEIR_COLOR, markersize=4.5,
        linewidth=1.2, elinewidth=1, markerfacecolor="white", label="MIGRAD from such a start",
    )  # fmt: skip
    label = f"surefit, no start: {success.n_successes} of {success.n_samples} samples"
    ours = success.n_successes / success.n_samples
    axes.axhline(ours, color=OUR_COLOR, linewidth=1.7, label=label)
    axes.set_xscale("log")
    axes.set_xlabel("relative distance of every start", fontsize=9.5)
    axes.set_ylim(-0.05, 1.32)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.set_title(success.title, fontsize=10.5)
    axes.legend(loc="upper right", fontsize=8.5)


def _draw_map(axes: Axes, success: Success) -> None:
    colors = ListedColormap(["#E3E3E3", THEIR_COLOR])
    axes.pcolormesh(
        success.one_at_a_time, cmap=colors, vmin=0, vmax=1, edgecolors="white", linewidth=1.5
    )
    axes.set_yticks(np.arange(len(success.names)) + 0.5, success.names)
    labels = [f"{factor:g}".replace("-", "−") for factor in success.factors]
    axes.set_xticks(np.arange(len(labels)) + 0.5, labels, rotation=90, fontsize=8.5)
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.set_xlabel("its start, in units of its true value\n(blue: MIGRAD succeeds)", fontsize=9.5)


def cost_figure(costs: Sequence[Cost]) -> Drawing:
    """What networks of growing size cost, and how well they were fitted."""
    sizes = np.array([cost.n_parameters for cost in costs])
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 3.5), layout="constrained")
        calls, seconds, quality = figure.subplots(1, 3)
        theirs = {
            "color": THEIR_COLOR,
            "marker": "s",
            "markerfacecolor": "white",
            "label": "MIGRAD",
        }
        ours = {"color": OUR_COLOR, "marker": "o", "label": "surefit"}
        calls.plot(sizes, [cost.migrad_calls for cost in costs], **theirs)
        limit = 200 + 100 * sizes + 5 * sizes**2
        calls.plot(
            sizes,
            limit,
            color=GRAY,
            linewidth=1,
            linestyle=(0, (2, 1.5)),
            label="MINUIT's own limit",
        )
        seconds.plot(sizes, [cost.migrad_seconds for cost in costs], **theirs)
        seconds.plot(sizes, [cost.our_seconds for cost in costs], **ours)
        quality.plot(sizes, [cost.migrad_chi2 / cost.true_chi2 for cost in costs], **theirs)
        quality.plot(sizes, [cost.our_chi2 / cost.true_chi2 for cost in costs], **ours)
        quality.axhline(1, color=INK, linewidth=1.1, linestyle=(0, (4, 2.2)))
        capped = np.array([cost.is_capped for cost in costs])
        for axes, name in ((calls, "migrad_calls"), (seconds, "migrad_seconds")):
            values = np.array([getattr(cost, name) for cost in costs])
            axes.plot(sizes[capped], values[capped], "^", color=THEIR_COLOR, markersize=9, zorder=4)
        titles = ("function calls", "seconds", r"$\chi^2$ / $\chi^2$ of the truth")
        for axes, title in zip((calls, seconds, quality), titles, strict=True):
            axes.set(xscale="log", yscale="log", xlabel="parameters")
            axes.set_title(title, fontsize=10.5)
            axes.set_xticks(sizes, [str(size) for size in sizes])
            axes.minorticks_off()
            axes.legend(loc="best", fontsize=8.5)
    return figure
