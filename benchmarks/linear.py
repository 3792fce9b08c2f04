"""Models with a closed form, beside NumPy and scikit-learn."""

import numpy as np
from sklearn.linear_model import LinearRegression

import surefit
from benchmarks.record import OURS, Row, rows_of
from benchmarks.timing import alternate

GROUP = "Linear models"


def measure(quick: bool) -> list[Row]:
    n, repeats = 1000, (3 if quick else 25)
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(-5, 5, n))
    y = 2 * x + 3 + 3 * rng.standard_normal(n)
    cases = {
        "Line(), 1000 points": (surefit.Line(), 1),
        "Polynomial(14), 1000 points": (surefit.Polynomial(14), 14),
        "Chebyshev(50), 1000 points": (surefit.Chebyshev(50), 50),
    }
    rows = []
    for name, (model, degree) in cases.items():
        rows += _one_input(name, model, degree, x, y, repeats)
    return rows + _plane(2000 if quick else 100_000, 3 if quick else 7)


def _one_input(name, model, degree, x, y, repeats) -> list[Row]:
    if name.startswith("Chebyshev"):
        peer = {"numpy chebfit": lambda _: np.polynomial.Chebyshev.fit(x, y, degree)}
    else:
        peer = {"numpy polyfit": lambda _: np.polyfit(x, y, degree, cov=True)}
    columns = np.polynomial.chebyshev.chebvander(x / 5, degree)
    tasks = {
        OURS: lambda _: surefit.fit(x, y, model, yerr=3.0),
        **peer,
        "scikit-learn": lambda _: LinearRegression(fit_intercept=False).fit(columns, y),
    }
    timings = alternate(tasks, repeats)
    expected = np.linalg.lstsq(columns, y)[1][0] / 9
    chi2 = timings[OURS].results[-1].chi2
    agreement = f"χ² agrees with lstsq to {abs(chi2 / expected - 1):.0e}"
    notes = {"scikit-learn": "columns made beforehand; no errors"}
    return rows_of(GROUP, name, timings, {OURS: agreement}, notes)


def _plane(n: int, repeats: int) -> list[Row]:
    rng = np.random.default_rng(6)
    x = rng.uniform(-5, 5, (n, 2))
    weight = np.array([[1.1, 2.2], [3.3, 4.4], [5.5, 6.6]])
    y = x @ weight.T + [7.7, 8.8, 9.9] + rng.standard_normal((n, 3))
    columns = np.hstack([x, np.ones((n, 1))])
    tasks = {
        OURS: lambda _: surefit.fit(x, y, surefit.Plane(), yerr=1.0),
        "numpy lstsq": lambda _: np.linalg.lstsq(columns, y),
        "scikit-learn": lambda _: LinearRegression().fit(x, y),
    }
    timings = alternate(tasks, repeats)
    expected = float(np.linalg.lstsq(columns, y)[1].sum())
    agreement = f"χ² agrees with lstsq to {abs(timings[OURS].results[-1].chi2 / expected - 1):.0e}"
    notes = {"numpy lstsq": "no errors", "scikit-learn": "no errors"}
    return rows_of(GROUP, f"Plane(), 2 → 3, {n} points", timings, {OURS: agreement}, notes)
