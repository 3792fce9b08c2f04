"""The lesson's 195-parameter network: ours against MINUIT with numerical derivatives."""

import itertools

import iminuit
import numpy as np

import surefit
from benchmarks.record import OURS, Row, rows_of
from benchmarks.timing import alternate
from surefit.lesson.costs import ARCHITECTURES, forward

GROUP = "The lesson's network of 195 parameters"
LAYERS = ARCHITECTURES[-1]
NOISE = 0.1
N_POINTS = 250


def measure(quick: bool) -> list[Row]:
    repeats, most_calls = (1, 2_000) if quick else (5, 40_000)
    n_parameters = sum((a + 1) * b for a, b in itertools.pairwise(LAYERS))
    samples = {}
    for repeat in range(repeats):
        rng = np.random.default_rng([195, repeat])
        truth = rng.normal(size=n_parameters)
        x = rng.normal(size=(N_POINTS, LAYERS[0]))
        y = forward(truth, x, LAYERS)
        samples[repeat] = x, y + NOISE * rng.standard_normal(y.shape), y
    samples[-1] = samples[0]
    model = surefit.Dense(*LAYERS[1:-1], activation="relu", output_activation="relu")

    def ours(repeat):
        x, y, _ = samples[repeat]
        return surefit.fit(x, y, model, yerr=NOISE).chi2

    def migrad(repeat):
        x, y, _ = samples[repeat]
        rng = np.random.default_rng(repeat + 2)
        cost = lambda v: np.sum(((forward(v, x, LAYERS) - y) / NOISE) ** 2)  # noqa: E731
        minimizer = iminuit.Minuit(cost, rng.normal(size=n_parameters))
        minimizer.errordef = iminuit.Minuit.LEAST_SQUARES
        minimizer.migrad(ncall=most_calls if repeat >= 0 else 10)
        return minimizer.fval

    timings = alternate({OURS: ours, "iminuit": migrad}, repeats)
    truths = [float(np.sum(((samples[i][1] - samples[i][2]) / NOISE) ** 2)) for i in range(repeats)]
    outcomes = {tool: _outcome(t.results, truths) for tool, t in timings.items()}
    notes = {
        OURS: "no start; compiled before",
        "iminuit": f"one random start, stopped after {most_calls} calls",
    }
    return rows_of(GROUP, f"{N_POINTS} points, 6 outputs", timings, outcomes, notes)


def _outcome(chi2, truths) -> str:
    reached = sum(a <= b for a, b in zip(chi2, truths, strict=True))
    ratio = np.median(np.array(chi2) / np.array(truths))
    return f"χ² ≤ the truth's {reached}/{len(truths)}; median χ² over the truth's {ratio:.3g}"
