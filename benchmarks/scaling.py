"""How cost grows with the number of points and of parameters: fitted exponents."""

from collections.abc import Callable, Sequence

import iminuit
import iminuit.cost
import numpy as np

import surefit
from benchmarks.functions import SMOOTH
from benchmarks.record import OURS, Row
from benchmarks.timing import alternate
from surefit.lesson.peers import sigmoid_sum
from surefit.lesson.sample import draw_sample

GROUP = "Cost against size"


def measure(quick: bool) -> list[Row]:
    repeats = 1 if quick else 3
    points = (20, 200, 2000) if quick else (20, 100, 1000, 10_000, 100_000, 1_000_000)
    units = (1, 2) if quick else (1, 2, 3, 5, 8, 12)
    widths = (1, 2) if quick else (1, 2, 4, 8, 16)
    degrees = (1, 10, 50) if quick else (1, 3, 10, 30, 100)
    return [
        *_rows("points N, 6-parameter smooth ansatz", points, _ansatz, repeats),
        *_rows("points N, Line()", points, _line, repeats),
        *_rows("units n of Sigmoids(n), P = 3n", units, _sigmoids, repeats),
        *_rows("width of Dense(n), P = 3n + 1", widths, _dense, repeats),
        *_rows("degree of Polynomial", degrees, _polynomial, repeats),
    ]


Tasks = dict[str, Callable[[int], object]]


def _rows(
    what: str, sizes: Sequence[int], tasks_of: Callable[[int], Tasks], repeats: int
) -> list[Row]:
    """One row for each tool: its exponent, and its times."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for size in sizes:
        for tool, timing in alternate(tasks_of(size), repeats).items():
            found.setdefault(tool, []).append((size, timing.wall, timing.cpu))
    rows = []
    for tool, measured in found.items():
        size, wall, cpu = (np.array(column) for column in zip(*measured, strict=True))
        listed = ", ".join(f"{int(n)}: {t:.2g} s" for n, t in zip(size, cpu, strict=True))
        rows.append(
            Row(GROUP, what, tool, wall[-1], cpu[-1], None, exponent(size, cpu), f"CPU {listed}")
        )
    return rows


def exponent(size: np.ndarray, seconds: np.ndarray) -> str:
    """Slope of log time against log size, with its error, over the sizes beyond the overhead.

    Example:
        >>> exponent(np.array([1, 10, 100, 1000]), np.array([1.0, 10.0, 100.0, 1000.0]))
        'exponent 1.00 ± 0.00 (from 4 sizes)'
    """
    beyond = seconds > 1.5 * seconds.min()
    beyond |= np.arange(len(size)) >= len(size) - 2
    x, y = np.log(size[beyond]), np.log(seconds[beyond])
    if len(x) < 3:
        slope = (y[-1] - y[0]) / (x[-1] - x[0])
        return f"exponent {slope:.2f} (from {len(x)} sizes, mostly overhead)"
    (slope, _), covariance = np.polyfit(x, y, 1, cov="unscaled")
    rest = y - np.polyval(np.polyfit(x, y, 1), x)
    error = np.sqrt(covariance[0, 0] * np.sum(rest**2) / (len(x) - 2))
    return f"exponent {slope:.2f} ± {error:.2f} (from {len(x)} sizes)"


def _ansatz(n: int) -> Tasks:
    x, y = SMOOTH.sample(n, 0)
    cost = iminuit.cost.LeastSquares(x, y, SMOOTH.noise, SMOOTH.function)
    return {
        OURS: lambda _: surefit.fit(x, y, SMOOTH.function, yerr=SMOOTH.noise),
        "iminuit, good start": lambda _: iminuit.Minuit(cost, **SMOOTH.good_start()).migrad(),
    }


def _line(n: int) -> Tasks:
    rng = np.random.default_rng(n)
    x = rng.uniform(-5, 5, n)
    y = 2 * x + 3 + 3 * rng.standard_normal(n)
    return {
        OURS: lambda _: surefit.fit(x, y, surefit.Line(), yerr=3.0),
        "numpy polyfit": lambda _: np.polyfit(x, y, 1, cov=True),
    }


def _sigmoids(n: int) -> Tasks:
    data = draw_sample(np.random.default_rng(12))
    rng = np.random.default_rng(n)
    start = np.stack([rng.normal(size=n), rng.uniform(size=n), 0.1 * rng.normal(size=n)]).T.ravel()
    cost = iminuit.cost.LeastSquares(data.x, data.y, data.yerr, sigmoid_sum)
    return {
        OURS: lambda _: surefit.fit(data.x, data.y, surefit.Sigmoids(n), yerr=data.yerr),
        "iminuit, one random start": lambda _: iminuit.Minuit(cost, start).migrad(),
    }


def _dense(n: int) -> Tasks:
    data = draw_sample(np.random.default_rng(12))
    return {OURS: lambda _: surefit.fit(data.x, data.y, surefit.Dense(n), yerr=data.yerr)}


def _polynomial(degree: int) -> Tasks:
    rng = np.random.default_rng(degree)
    x = np.sort(rng.uniform(-1, 1, 1000))
    y = np.sin(5 * x) + 0.1 * rng.standard_normal(1000)
    return {
        OURS: lambda _: surefit.fit(x, y, surefit.Polynomial(degree), yerr=0.1),
        # Chebyshev polynomials, as powers of x are rank deficient at high degree
        "numpy Chebyshev.fit": lambda _: np.polynomial.Chebyshev.fit(x, y, degree),
    }
