"""A Python function fitted from no start, beside others from a good start."""

import importlib.util
import sys
import warnings

import iminuit
import iminuit.cost
import numpy as np
import scipy.optimize

import surefit
from benchmarks.functions import CASES, Case
from benchmarks.record import OURS, Row, rows_of
from benchmarks.timing import alternate
from surefit.models.tracing.trace import jax_function

GROUP = "Pointwise ansatz, start-free and confirmed, against a good start"
LENGTHS = (1000, 900, 1300)


def measure(quick: bool) -> list[Row]:
    repeats = 3 if quick else 15
    return [row for case in CASES for row in _case(case, repeats)]


def _case(case: Case, repeats: int) -> list[Row]:
    start = case.good_start()
    length = lambda repeat: LENGTHS[repeat % len(LENGTHS)]  # noqa: E731

    def ours(repeat):
        x, y = case.sample(length(repeat), repeat)
        fit = surefit.fit(x, y, case.function, yerr=case.noise)
        return fit.chi2, fit.valid

    def migrad(repeat):
        x, y = case.sample(length(repeat), repeat)
        minimizer = iminuit.Minuit(
            iminuit.cost.LeastSquares(x, y, case.noise, case.function), **start
        )
        with np.errstate(all="ignore"):
            minimizer.migrad().hesse()
        return minimizer.fval, minimizer.valid

    def curve_fit(repeat):
        x, y = case.sample(length(repeat), repeat)
        with warnings.catch_warnings():
            warnings.simplefilter("error", scipy.optimize.OptimizeWarning)
            try:
                values, _ = scipy.optimize.curve_fit(
                    case.function, x, y, list(start.values()), np.full(len(x), case.noise)
                )
            except (RuntimeError, scipy.optimize.OptimizeWarning):
                return np.inf, False
        return case.chi2(x, y, values), True

    tasks = {OURS: ours, "iminuit": migrad, "scipy curve_fit": curve_fit}
    tasks |= _optional(case, length)
    timings = alternate(tasks, repeats)
    outcomes = {name: _outcome(case, length, t.results) for name, t in timings.items()}
    notes = {name: "start within 10 % of the truth" for name in timings if name != OURS}
    notes[OURS] = "no start; compiled before, new data of three lengths"
    rows = rows_of(GROUP, case.name, timings, outcomes, notes)
    if "nlsq" not in timings:
        reason = "needs Python 3.12" if sys.version_info < (3, 12) else "not installed"
        rows.append(Row(GROUP, case.name, "nlsq", note=reason))
    return rows


def _optional(case: Case, length) -> dict:
    """Tools that are measured where they are installed."""
    start, tasks = case.good_start(), {}
    if importlib.util.find_spec("lmfit"):
        import lmfit

        def with_lmfit(repeat):
            x, y = case.sample(length(repeat), repeat)
            model = lmfit.Model(case.function)
            inputs = {model.independent_vars[0]: x}
            result = model.fit(y, weights=np.full(len(x), 1 / case.noise), **inputs, **start)
            return result.chisqr, result.success

        tasks["lmfit"] = with_lmfit
    if sys.version_info >= (3, 12) and importlib.util.find_spec("nlsq"):
        import nlsq

        function = jax_function(case.function)  # it takes functions of JAX only

        def with_nlsq(repeat):
            x, y = case.sample(length(repeat), repeat)
            sigma = np.full(len(x), case.noise)
            values, _ = nlsq.curve_fit(function, x, y, list(start.values()), sigma)
            return case.chi2(x, y, np.asarray(values)), True

        tasks["nlsq"] = with_nlsq
    return tasks


def _outcome(case: Case, length, results) -> str:
    """How often χ² came out no higher than the truth's, and how often the tool said it is fine."""
    reached = claimed = 0
    for repeat, (chi2, valid) in enumerate(results):
        x, y = case.sample(length(repeat), repeat)
        reached += chi2 <= case.chi2(x, y, list(case.truth.values()))
        claimed += bool(valid)
    n = len(results)
    return f"χ² ≤ the truth's {reached}/{n}, valid {claimed}/{n}"
