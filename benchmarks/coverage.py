"""How often stated intervals and bands contain the truth, over toys, by model."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import surefit
from benchmarks.functions import SMOOTH
from benchmarks.record import OURS, Row
from surefit.lesson.sample import NOISE, ansatz, draw_sample

GROUP = "Coverage of stated errors, toys drawn from the fit and refitted from it"
# A limit at which the fit of this sample ends: the truth is on the other side.
LIMIT = 1.02
SEED = 0
QUICK, SOME, MANY = 200, 500, 2000


def measure(quick: bool) -> list[Row]:
    rows = [_row(name, make, QUICK if quick else MANY, False) for name, make in CASES.items()]
    # Where there is no curvature, or a limit, profile intervals are the ones to quote; each toy of
    # them costs many refits.
    profiled = QUICK if quick else SOME
    return rows + [_row(f"{name}, profiles", CASES[name], profiled, True) for name in PROFILED]


def _lesson(model: Any) -> Callable[[], Any]:
    def make():
        sample = draw_sample(np.random.default_rng(SEED))
        return surefit.fit(sample.x, sample.y, model, NOISE)

    return make


def _at_limit() -> Any:
    x, y = SMOOTH.sample(1000, SEED)
    limits = {"floor": (LIMIT * SMOOTH.truth["floor"], None)}
    fit = surefit.fit(x, y, SMOOTH.function, SMOOTH.noise, bounds=limits)
    assert fit.status is surefit.Status.at_bound
    return fit


CASES: dict[str, Callable[[], Any]] = {
    "Line()": _lesson(surefit.Line()),
    "Chebyshev(14)": _lesson(surefit.Chebyshev(14)),
    "smooth ansatz, at a limit": _at_limit,
    "the lesson's ansatz, two steps": _lesson(ansatz),
    "Sigmoids(5)": _lesson(surefit.Sigmoids(5)),
    "Dense(5)": _lesson(surefit.Dense(5)),
    "Dense(10)": _lesson(surefit.Dense(10)),
}
PROFILED = ("Line()", "smooth ansatz, at a limit", "the lesson's ansatz, two steps")


def _row(name: str, make: Callable[[], Any], toys: int, profiles: bool) -> Row:
    fit = make()
    wall, cpu = time.perf_counter(), time.process_time()
    found = fit.check_coverage(toys, profiles=profiles, cold=0.0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Row(
        GROUP, name, OURS, wall, cpu, None, _outcome(found), f"{toys} toys; {_misses(found)}"
    )


def _outcome(found: Any) -> str:
    band = found.band
    kinds = {"band": band.means, "value ± error": _average(found, "symmetric")}
    kinds["profile"] = _average(found, "profile")
    parts = [
        f"{kind} " + " / ".join(f"{100 * one:.1f}" for one in map(_share, shares)) + " %"
        for kind, shares in kinds.items()
        if shares
    ]
    pull = f"pull of the band {band.mean_pull:+.2f} ± {band.pull_width:.2f}"
    worst = (
        f"least at any x {100 * np.min(band.shares[0]):.1f} / {100 * np.min(band.shares[1]):.1f} %"
    )
    return "; ".join([*parts, worst, pull])


def _share(covered: Any) -> float:
    return covered if isinstance(covered, float) else covered.share


def _average(found: Any, kind: str) -> list[float]:
    """Coverage averaged over parameters, at each level."""
    each = [[one.share for one in getattr(p, kind)] for p in found.parameters if getattr(p, kind)]
    return [float(mean) for mean in np.mean(each, axis=0)] if each else []


def _misses(found: Any) -> str:
    """What falls short of what is stated, and toys that were left out."""
    said = {
        "covers less than stated": ", ".join(found.short),
        "pulls not normal": ", ".join(found.skewed),
        "toys at no minimum": str(found.n_failed or ""),
    }
    return "; ".join(f"{what}: {who}" for what, who in said.items() if who) or "all as stated"
