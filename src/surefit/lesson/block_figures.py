"""Figures of what curves are made of: fixed basis functions, sigmoids, a hidden layer."""

import numpy as np
from matplotlib.axes import Axes

from surefit.bases.polynomials import Chebyshev, Hermite, Jacobi, Laguerre, Legendre, Polynomial
from surefit.bases.sigmoids import Sigmoids
from surefit.lesson.attempts import Conversion
from surefit.lesson.curve_figures import WIDTH
from surefit.lesson.sample import Array
from surefit.report.style import DASHES, GRAY, INK, PALETTE, Drawing, paper_style

SHOWN_DEGREE = 5
BLOCKS = ((0.5, 0.2), (0.5, 0.1), (0.75, -0.01))
# Edges of a plateau and of a narrower valley on it: coefficient, center, width.
PLATEAU = ((-1.0, 0.2, 0.005), (-1.0, 0.9, -0.005))
PEAK = ((-1.0, 0.4, 0.005), (-1.0, 0.6, -0.005))


def basis_figure() -> Drawing:
    """The first functions of six polynomial bases on [0, 1], each scaled to a largest size of 1."""
    degree, domain = SHOWN_DEGREE, (0.0, 1.0)
    families = {
        "powers of x (Taylor)": Polynomial(degree),
        "Chebyshev": Chebyshev(degree, domain),
        "Legendre": Legendre(degree, domain),
        "Jacobi(1, 1)": Jacobi(degree, 1.0, 1.0, domain),
        "Laguerre": Laguerre(degree, domain),
        "Hermite": Hermite(degree, domain),
    }
    x = np.linspace(0.0, 1.0, 501)
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 4.0), layout="constrained")
        panels = figure.subplots(2, 3, sharex=True, sharey=True).ravel()
        for axes, (name, model) in zip(panels, families.items(), strict=True):
            for k in range(degree + 1):
                y = model.evaluate(np.eye(degree + 1)[k], x)[:, 0]
                axes.plot(x, y / np.abs(y).max(), color=PALETTE[k], linewidth=1.2, label=f"{k}")
            axes.set_title(name, fontsize=10.5)
            axes.set(xlim=(0, 1), ylim=(-1.12, 1.12))
        for axes in panels[3:]:
            axes.set_xlabel("x")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=6, title="degree", title_fontsize=10
        )
    return figure


def block_figure() -> Drawing:
    """Three sigmoids."""
    x = np.linspace(0.0, 1.0, 1001)
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 3.2), layout="constrained")
        axes = figure.subplots()
        for number, (center, width) in enumerate(BLOCKS):
            label = f"center {center:g}, width {width:g}".replace("-", "−")
            axes.plot(
                x,
                sigmoids([(1.0, center, width)], x),
                color=PALETTE[number],
                linestyle=DASHES[number],
                label=label,
            )
        axes.set(xlabel="x", ylabel="1 / (1 + exp((x − center) / width))", xlim=(0, 1))
        axes.legend(loc="center left")
    return figure


def stack_figure() -> Drawing:
    """Four sigmoids that make a wide plateau with a narrow peak on it."""
    x = np.linspace(0.0, 1.0, 2001)
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 4.6), layout="constrained")
        top, bottom = figure.subplots(2, sharex=True)
        for number, (terms, name) in enumerate(((PLATEAU, "plateau"), (PEAK, "peak"))):
            for k, term in enumerate(terms):
                side = ("falling at", "rising at")[k]
                top.plot(
                    x,
                    sigmoids([term], x),
                    color=PALETTE[number],
                    linestyle=DASHES[k],
                    label=f"{name}: minus a sigmoid {side} {term[1]:g}",
                )
        top.set(ylabel="the four terms", ylim=(-1.15, 0.75))
        top.legend(loc="upper center", ncols=2, fontsize=8.5)
        bottom.plot(x, sigmoids([*PLATEAU, *PEAK], x), color=INK, label="their sum")
        for number, (terms, name) in enumerate(((PLATEAU, "plateau"), (PEAK, "peak"))):
            low, high = terms[0][1], terms[1][1]
            height = -1.85 if number == 0 else -0.85
            bottom.annotate("", (low, height), (high, height), arrowprops={"arrowstyle": "<->"})
            bottom.text((low + high) / 2, height + 0.07, name, ha="center", color=PALETTE[number])
        bottom.set(xlabel="x", ylabel="their sum", xlim=(0, 1), ylim=(-2.3, 0.3))
    return figure


def sigmoids(terms: list[tuple[float, float, float]], x: Array) -> Array:
    """A sum of sigmoids.

    Args:
        terms: Coefficient, center and width of each.
        x: Inputs, shape (n,).
    """
    model = Sigmoids(len(terms), n_inputs=1, n_outputs=1)
    return model.evaluate(np.array(terms).T.ravel(), x)[:, 0]


def network_figure(conversion: Conversion) -> Drawing:
    """The fitted network as a diagram: input, hidden units, output."""
    n = len(conversion.slopes)
    heights = np.linspace(1.0, 0.0, n)
    middle = 0.5
    with paper_style():
        figure = Drawing(figsize=(WIDTH, 3.9), layout="constrained")
        axes = figure.subplots()
        axes.set_axis_off()
        for j, height in enumerate(heights):
            _arrow(axes, (0.0, middle), (1.0, height), conversion.slopes[j])
            _arrow(axes, (1.0, height), (2.0, middle), conversion.output_weights[j])
            along = 0.62
            axes.text(
                along, middle + along * (height - middle), _short(conversion.slopes[j]),
                fontsize=9, ha="center", va="center", bbox=_PATCH,
            )  # fmt: skip
            axes.text(
                2 - along, middle + along * (height - middle), _short(conversion.output_weights[j]),
                fontsize=9, ha="center", va="center", bbox=_PATCH,
            )  # fmt: skip
            _node(axes, 1.0, height, _short(conversion.intercepts[j]))
        _node(axes, 0.0, middle, "x")
        _node(axes, 2.0, middle, _short(conversion.output_bias))
        for x, text in (
            (0.0, "input"),
            (1.0, "hidden layer: bias, then logistic"),
            (2.0, "output"),
        ):
            axes.text(x, 1.19, text, ha="center", fontsize=10.5)
        axes.set(xlim=(-0.25, 2.25), ylim=(-0.15, 1.28))
    return figure


_PATCH = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.92}


def _arrow(axes: Axes, begin: tuple[float, float], end: tuple[float, float], weight: float) -> None:
    """An arrow in the color of its weight's sign."""
    axes.annotate(
        "",
        end,
        begin,
        arrowprops={
            "arrowstyle": "-|>",
            "color": PALETTE[0] if weight > 0 else PALETTE[1],
            "shrinkA": 20,
            "shrinkB": 20,
            "linewidth": 1.2,
        },
    )


def _node(axes: Axes, x: float, y: float, text: str) -> None:
    axes.plot(x, y, "o", markersize=38, markerfacecolor="#F4F4F4", markeredgecolor=GRAY)
    axes.text(x, y, text, ha="center", va="center", fontsize=9)


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")
