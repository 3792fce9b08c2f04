"""Compare what fits say of a miss with what a search 100 times longer finds.

`python -m benchmarks.longer` fits problems that the estimate was not calibrated on, then searches
each again under other keys, without stopping at agreement, until that has cost 100 times as much,
and counts how often −2 ln L came out lower by more than 1. Work is counted, not timed: rows of
parameters times terms evaluated; for sums of units the searches that were made.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock

import numpy as np

import surefit
from benchmarks.families.family import Sample
from benchmarks.families.run import FAMILIES, HELD_OUT
from benchmarks.rates import upper_limit
from surefit.problem.fitted import Fitted
from surefit.search import multi_start

# How much longer, and the decrease of −2 ln L that counts.
FACTOR, BETTER = 100.0, 1.0
# Samples that no other study looks at.
SEEDS = range(200, 204)
# Effort of the searches that are judged: short ones miss often enough to be counted.
EFFORT = 0.25
LIMITS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.01)
# Keys of the longer search.
KEYS = range(10_000, 20_000)


@dataclasses.dataclass(frozen=True)
class Pair:
    """One search and a much longer one.

    Attributes:
        problem: Its name.
        stated: What the first said of the probability of a miss; NaN if nothing.
        is_valid: Whether it called itself valid.
        gain: By how much −2 ln L of the longer search is lower, in units of χ² per degree of
            freedom where the errors are estimated.
        factor: How many times longer it was; less where it found something better before.
    """

    problem: str
    stated: float
    is_valid: bool
    gain: float
    factor: float

    @property
    def is_missed(self) -> bool:
        return self.gain > BETTER


Fitting = Callable[[int, float], surefit.Fit]
"""(key, effort) → fit."""


@contextlib.contextmanager
def counted() -> Iterator[list[float]]:
    """Count the rows times terms that problems evaluate; the last entry is the sum so far."""
    total = [0.0]

    def wrapped(name: str):
        original = getattr(Fitted, name)

        def method(self, points, *arguments, **keywords):
            total[0] += len(np.atleast_2d(points)) * self.n_terms
            return original(self, points, *arguments, **keywords)

        return mock.patch.object(Fitted, name, method)

    with wrapped("value"), wrapped("reduce"), wrapped("linearize"):
        yield total


def fitting(sample: Sample) -> Fitting:
    """Fits of a sample by its model, from no start."""
    model = surefit.Function(sample.model, len(sample.truth)) if sample.is_packed else sample.model

    def fit(key: int, effort: float) -> surefit.Fit:
        budget = surefit.Budget(starts=effort)
        return surefit.fit(sample.x, sample.y, model, sample.yerr, key=key, budget=budget)

    return fit


def pair(problem: str, fit: Fitting, *, effort: float = EFFORT, factor: float = FACTOR) -> Pair:
    """Search, then search for longer.

    Args:
        problem: Its name.
        fit: Fits it.
        effort: Of the search that is judged.
        factor: How many times longer the other is.
    """
    with counted() as total:
        first = fit(1, effort)
        work, best, spent = _work(first, total[0]), first.chi2, 0.0
        # Agreement must not end the longer search: every round is made.
        with mock.patch.object(multi_start, "MOST_MISSED", -1.0):
            for key in KEYS:
                total[0] = 0.0
                again = fit(key, max(1.0, effort))
                spent += _work(again, total[0])
                best = min(best, again.chi2)
                if first.chi2 - best > BETTER or spent >= factor * work:
                    break
    stated = first.evidence.missed
    return Pair(problem, stated, first.valid, first.chi2 - best, spent / max(work, 1.0))


def _work(fit: surefit.Fit, evaluated: float) -> float:
    """What a search cost; one that grows sums of units has a mathematics of its own."""
    return evaluated if np.isfinite(fit.evidence.missed) else float(fit.evidence.n_starts)


def compare(pairs: Sequence[Pair]) -> str:
    """Stated and observed frequencies, in bins of what was stated, as a table."""
    known = [one for one in pairs if np.isfinite(one.stated)]
    lines = [
        "| stated | searches | expected | missed | at most, at 95 % |",
        "|---|---|---|---|---|",
    ]
    for low, high in itertools.pairwise(LIMITS):
        inside = [one for one in known if low <= one.stated < high]
        if inside:
            k, n = sum(one.is_missed for one in inside), len(inside)
            expected = sum(one.stated for one in inside)
            lines.append(
                f"| {low:g} to {min(high, 1):g} | {n} | {expected:.2g} | {k} | "
                f"{100 * upper_limit(k, n):.2g} % |"
            )
    return "\n".join(lines)


def excess(pairs: Sequence[Pair]) -> float:
    """Misses beyond those expected, in standard deviations of independent searches."""
    stated = np.array([one.stated for one in pairs])
    missed = np.array([one.is_missed for one in pairs])
    return float((missed.sum() - stated.sum()) / np.sqrt(np.sum(stated * (1 - stated))))


def main() -> None:
    """Make pairs, and compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.longer", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--only", action="append", help="one family; repeatable")
    parser.add_argument("--effort", type=float, default=EFFORT, help="of the search that is judged")
    parser.add_argument("--factor", type=float, default=FACTOR, help="how many times longer")
    parser.add_argument("--out", type=Path, default=Path("longer.json"), help="pairs are added")
    options = parser.parse_args()
    pairs = (
        [Pair(**row) for row in json.loads(options.out.read_text())] if options.out.exists() else []
    )
    for seed in options.seeds:
        for family in (*FAMILIES, *HELD_OUT):
            if options.only and family.name not in options.only:
                continue
            name = f"{family.name} {seed}"
            found = pair(
                name, fitting(family.sample(seed)), effort=options.effort, factor=options.factor
            )
            pairs.append(found)
            print(found, flush=True)
            options.out.write_text(json.dumps([dataclasses.asdict(one) for one in pairs], indent=1))
    print(compare(pairs))


if __name__ == "__main__":
    main()
