"""What the lesson did: MIGRAD from its starts, scikit-learn's networks, NumPy's polynomials.

These are written as a student would write them with iminuit, scikit-learn and NumPy, and use
nothing of surefit's fitting, so that the comparison is one with the tools as they are.
"""

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, cast

import iminuit
import iminuit.cost
import numpy as np
import sklearn.exceptions
import threadpoolctl
from sklearn.neural_network import MLPRegressor

from surefit.bases.fourier import Fourier, trapezoid_coefficients
from surefit.lesson.attempt import THEIRS, Attempt
from surefit.lesson.attempts import N_HARMONICS, N_MANY_TERMS, N_UNITS
from surefit.lesson.sample import Array, Sample

Report = Callable[[str], None]


def sigmoid_sum(x: Array, parameters: Array) -> Array:
    """The lesson's model: coefficient, center and width of each sigmoid, one after another."""
    total = np.zeros_like(x)
    for coefficient, center, width in parameters.reshape(-1, 3):
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # MIGRAD goes far out
            total += coefficient / (1 + np.exp((x - center) / width))
    return total


def lesson_start(rng: np.random.Generator, n_units: int = N_UNITS) -> Array:
    """A start as the lesson draws it, in the order of `sigmoid_sum`.

    Args:
        rng: Source of randomness.
        n_units: How many sigmoids.
    """
    start = np.zeros(3 * n_units)
    start[0::3] = rng.normal(0.0, 1.0, n_units)
    start[1::3] = rng.uniform(0.0, 1.0, n_units)
    start[2::3] = rng.normal(0.0, 0.1, n_units)
    return start


def best_of_migrad(
    sample: Sample, rng: np.random.Generator, n_tries: int, report: Report
) -> Attempt:
    """The lesson's loop: MIGRAD on five sigmoids from random starts, the best of them kept.

    Args:
        sample: The points.
        rng: Source of the starts.
        n_tries: How many; the lesson has 15.
        report: Called before each try.
    """
    began = time.perf_counter()
    cost = iminuit.cost.LeastSquares(sample.x, sample.y, sample.yerr, cast(Any, sigmoid_sum))
    best, ends = None, []
    for number in range(n_tries):
        report(f"MIGRAD, try {number + 1} of {n_tries}")
        minimizer = iminuit.Minuit(cost, lesson_start(rng))
        minimizer.migrad()
        ends.append(_finite(minimizer.fval))
        if best is None or _finite(minimizer.fval) < _finite(best.fval):
            best = minimizer
    assert best is not None
    values = np.array(best.values)
    return Attempt(
        key="sigmoids-migrad",
        title=f"{N_UNITS} sigmoids, MIGRAD",
        by=THEIRS,
        method=f"MIGRAD, best of {n_tries} starts",
        chi2=ends[int(np.argmin(ends))],
        n_parameters=len(values),
        n_points=len(sample.x),
        seconds=time.perf_counter() - began,
        is_valid=best.valid,
        predict=lambda x: sigmoid_sum(np.asarray(x), values),
        ends=tuple(ends),
    )


def best_of_regressor(
    sample: Sample, rng: np.random.Generator, n_tries: int, report: Report, *, solver: str
) -> Attempt:
    """scikit-learn's network with one hidden layer of five, the best of several trainings.

    Args:
        sample: The points.
        rng: Source of scikit-learn's seeds.
        n_tries: How many trainings.
        report: Called before each.
        solver: `"adam"`, which the lesson used as it is scikit-learn's default, or `"lbfgs"`,
            which suits so small a problem better.
    """
    began = time.perf_counter()
    best, lowest, ends = None, np.inf, []
    for number in range(n_tries):
        report(f"MLPRegressor ({solver}), try {number + 1} of {n_tries}")
        regressor = MLPRegressor(
            activation="logistic",
            hidden_layer_sizes=(N_UNITS,),
            max_iter=10000,
            alpha=0,
            solver=solver,
            random_state=int(rng.integers(2**31)),
        )
        # On matrices of five rows several threads only wait for each other.
        with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1, user_api="blas"):
            warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)
            regressor.fit(sample.x[:, None], sample.y)
        ends.append(sample.chi2(np.asarray(regressor.predict(sample.x[:, None]))))
        if best is None or ends[-1] < lowest:
            best, lowest = regressor, ends[-1]
    assert best is not None
    return Attempt(
        key=f"network-{solver}",
        title=f"hidden layer of {N_UNITS}, scikit-learn ({solver})",
        by=THEIRS,
        method=f"MLPRegressor, {solver}, best of {n_tries}",
        chi2=lowest,
        n_parameters=3 * N_UNITS + 1,
        n_points=len(sample.x),
        seconds=time.perf_counter() - began,
        is_valid=None,
        predict=lambda x: np.asarray(best.predict(np.asarray(x)[:, None])),
        ends=tuple(ends),
    )


def migrad(
    sample: Sample, function: Callable[..., Array], start: Mapping[str, float], key: str, title: str
) -> Attempt:
    """MIGRAD once, from one start.

    Args:
        sample: The points.
        function: f(x, a, b, ...).
        start: A value for each parameter, by name.
        key: See `Attempt`.
        title: See `Attempt`.
    """
    began = time.perf_counter()
    cost = iminuit.cost.LeastSquares(sample.x, sample.y, sample.yerr, function)
    minimizer = iminuit.Minuit(cost, *start.values(), name=tuple(start))
    with np.errstate(all="ignore"):
        minimizer.migrad()
    values = dict(zip(minimizer.parameters, map(float, minimizer.values), strict=True))

    def predict(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return function(np.asarray(x), **values)

    return Attempt(
        key=key,
        title=title,
        by=THEIRS,
        method="MIGRAD, one start",
        chi2=_finite(minimizer.fval),
        n_parameters=len(values),
        n_points=len(sample.x),
        seconds=time.perf_counter() - began,
        is_valid=minimizer.valid,
        predict=predict,
        values=values,
    )


def numpy_taylor(sample: Sample) -> Attempt:
    """`numpy.polyfit` with 100 terms, its coefficients summed power by power."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.RankWarning)
        coefficients = np.polyfit(sample.x, sample.y, N_MANY_TERMS - 1)[::-1]

    def predict(x: Array) -> Array:
        return (np.asarray(x)[:, None] ** np.arange(N_MANY_TERMS)) @ coefficients

    return Attempt(
        key="taylor-100-numpy",
        title=f"Taylor, {N_MANY_TERMS} terms, NumPy",
        by=THEIRS,
        method="numpy.polyfit",
        chi2=sample.chi2(predict(sample.x)),
        n_parameters=N_MANY_TERMS,
        n_points=len(sample.x),
        seconds=time.perf_counter() - began,
        is_valid=None,
        predict=predict,
    )


def trapezoid_fourier(sample: Sample) -> Attempt:
    """Fourier coefficients as the lesson has them: integrals by the trapezoid rule."""
    began = time.perf_counter()
    model = Fourier(N_HARMONICS, period=1.0)
    coefficients = trapezoid_coefficients(sample.x, sample.y, N_HARMONICS)
    predict = lambda x: model.evaluate(coefficients, np.asarray(x))[:, 0]  # noqa: E731
    return Attempt(
        key="fourier-trapezoid",
        title="Fourier, trapezoid rule",
        by=THEIRS,
        method="integrals, trapezoid rule",
        chi2=sample.chi2(predict(sample.x)),
        n_parameters=len(coefficients),
        n_points=len(sample.x),
        seconds=time.perf_counter() - began,
        is_valid=None,
        predict=predict,
    )


def _finite(value: float | None) -> float:
    return float(value) if value is not None and np.isfinite(value) else float("inf")
