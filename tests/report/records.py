"""Records that the tests of all views share."""

import dataclasses
import math

import numpy as np

from surefit.report.comparison import ComparisonRow
from surefit.report.summary import Curve, FitSummary, ParameterRow

GOOD = FitSummary(
    model="Line()",
    rows=(ParameterRow("intercept", 1.2345, 0.0213), ParameterRow("slope", -3.2, 0.11)),
    n_points=12,
    n_dropped=0,
    chi2=9.514,
    ndof=10,
    pvalue=0.4842,
    rss=0.0931,
    errors_estimated=False,
    is_valid=True,
    status="converged",
    advice="Converged.",
    method="Solved in closed form.",
    evidence=("A linear problem has one minimum.",),
    notes=(),
    seconds=0.00213,
)
BAD = dataclasses.replace(
    GOOD,
    is_valid=False,
    status="budget_exhausted",
    advice="The search ended before a second one confirmed the minimum. Give a larger budget.",
)
ESTIMATED = dataclasses.replace(GOOD, chi2=math.nan, pvalue=math.nan, errors_estimated=True)
LONG = dataclasses.replace(
    GOOD,
    rows=tuple(
        ParameterRow(f"hidden.weight[{i},{j}]", i - j / 10, 0.01, "at its bound" if i > 14 else "")
        for i in range(20)
        for j in range(10)
    ),
)
NASTY = "<script>alert('x')</script> [bold red]&amp; $x$ \x1b[31m"
HOSTILE = dataclasses.replace(
    BAD,
    model=NASTY,
    rows=(ParameterRow(NASTY, 1.0, math.nan, NASTY),),
    status=NASTY,
    advice=NASTY,
    method=NASTY,
    evidence=(NASTY,),
    notes=(NASTY,),
)
COMPARED = (
    ComparisonRow("Line()", 2.2e5, 998, 0.0, 2.2e5, 2.2e5, 2, 0.001, True),
    ComparisonRow("Sigmoids(5)", 1271.4, 985, 3e-9, 1302.0, 1375.0, 15, 0.52, True),
    ComparisonRow("ansatz(x, A, B, C, D, E, F)", 1001.0, 994, 0.43, 1013.1, 1042.4, 6, 0.21, True),
    ComparisonRow(
        *("Dense(50)", math.nan, 849, math.nan, 900.0, math.nan, 151, 3.2, False, "Interrupted.")
    ),
)


def line_curve(n_points, *, label="Line()", seed=0, low=0.0, has_band=True):
    """A line's curve with points that scatter as their errors say."""
    generator = np.random.default_rng(seed)
    x = np.sort(generator.uniform(low, 1.0, n_points))
    yerr = np.full(n_points, 0.1)
    grid = np.linspace(low, 1.0, 200)
    lower, upper = (grid + 0.9, grid + 1.1) if has_band else (None, None)
    y = 1 + x + yerr * generator.normal(size=n_points)
    return Curve(label, x, y, yerr, 1 + x, grid, 1 + grid, lower, upper)
