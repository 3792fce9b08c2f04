"""Fit the coefficients of `surefit.search.missed` to families whose answers are known.

`python -m benchmarks.calibrate` fits samples of the families of hard problems with a short and a
normal budget and different seeds of the search, asks of each whether something better is known
(from the truth, or from the other fits of the sample), and writes `missed.json`. `--check` takes
the families that were held out instead, writes nothing, and compares stated with observed.
"""

import argparse
import dataclasses
import itertools
import json
from unittest import mock

import numpy as np
from sklearn.linear_model import LogisticRegression

import surefit
from benchmarks.families.family import Family, Sample
from benchmarks.families.references import from_truth
from benchmarks.families.run import FAMILIES, HELD_OUT
from surefit.search import multi_start
from surefit.search.account import account
from surefit.search.missed import FEATURES, TABLE, Trail

# Samples that are not among those the success rates are measured on.
SEEDS = range(40, 44)
# Seeds of the search and its budget, in units of the normal number of rounds.
SEARCHES = ((1, 0.25), (2, 1.0))
# −2 ln L by which a better minimum is lower.
BETTER = 1.0
# Size of the wave that every other sample is distorted by, in standard deviations.
WAVE = 1.5
# Strength of the regularization: the coefficients are pulled toward zero by 1/(2 C) of their
# squares, as few searches miss.
C = 3.0
LIMITS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.01)


@dataclasses.dataclass(frozen=True)
class Case:
    """One search.

    Attributes:
        family: The family's name.
        trail: What the search went through.
        is_missed: Whether something better is known.
    """

    family: str
    trail: Trail
    is_missed: bool


def collect(families: tuple[Family, ...], seeds: range) -> list[Case]:
    """Searches of samples of families; those solved in closed form leave no trail."""
    cases = []
    for family in families:
        for seed in seeds:
            sample = family.sample(seed)
            cases += _cases(family.name, distorted(sample) if seed % 2 else sample)
        missed = [case.is_missed for case in cases if case.family == family.name]
        print(f"{family.name}: {sum(missed)} of {len(missed)} missed", flush=True)
    return cases


def distorted(sample: Sample) -> Sample:
    """The same with a slow wave added to y: the model does not describe it, whatever the search."""
    phase = 8 * np.arange(len(sample.y)) / len(sample.y)
    return dataclasses.replace(sample, y=sample.y + WAVE * sample.yerr * np.sin(phase))


def _cases(name: str, sample: Sample) -> list[Case]:
    model = surefit.Function(sample.model, len(sample.truth)) if sample.is_packed else sample.model
    ended: list[tuple[Trail, float]] = []
    for key, effort in SEARCHES:
        trails: list[Trail] = []

        def record(run, seen, n_known, *, is_confirmed, trails=trails):
            trails.append(seen)
            return account(run, seen, n_known, is_confirmed=is_confirmed)

        # Stop where rounds and a second search agree, however probable a miss is thought to be.
        with (
            mock.patch.object(multi_start, "account", record),
            mock.patch.object(multi_start, "MOST_MISSED", 1.0),
        ):
            budget = surefit.Budget(starts=effort)
            fit = surefit.fit(
                sample.x, sample.y, model, sample.yerr, key=key, budget=budget
            )  # fmt: skip
        ended += [(seen, fit.chi2) for seen in trails]
    best = min([from_truth(sample), *(chi2 for _, chi2 in ended)])
    return [Case(name, seen, not chi2 <= best + BETTER) for seen, chi2 in ended]


def coefficients(cases: list[Case]) -> np.ndarray:
    """A regularized logistic regression of misses on the features."""
    features = np.array([case.trail.features() for case in cases])
    missed = np.array([case.is_missed for case in cases])
    # The first feature is the constant, which the regression has by itself and leaves free.
    model = LogisticRegression(C=C, max_iter=10_000).fit(features[:, 1:], missed)
    return np.concatenate([model.intercept_, model.coef_[0]])


def compare(cases: list[Case]) -> str:
    """Stated and observed frequencies, in bins of what was stated."""
    stated = np.array([case.trail.missed() for case in cases])
    missed = np.array([case.is_missed for case in cases])
    lines = ["| stated | searches | mean stated | missed | observed |", "|---|---|---|---|---|"]
    for low, high in itertools.pairwise(LIMITS):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            lines.append(
                f"| {low:g} to {min(high, 1):g} | {inside.sum()} | {stated[inside].mean():.3g} | "
                f"{missed[inside].sum()} | {missed[inside].mean():.3g} |"
            )
    lines.append(f"All: {stated.sum():.1f} misses expected, {missed.sum()} seen.")
    return "\n".join(lines)


def main() -> None:
    """Calibrate, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="held-out families; write nothing")
    options = parser.parse_args()
    if options.check:
        print(compare(collect(HELD_OUT, SEEDS)))
        return
    cases = collect(FAMILIES, SEEDS)
    found = coefficients(cases)
    missed = sum(case.is_missed for case in cases)
    provenance = (
        f"Logistic regression (C={C:g}) on {len(cases)} searches, {missed} of which missed: "
        f"{len(FAMILIES)} families of benchmarks/families, samples {SEEDS.start} to "
        f"{SEEDS.stop - 1} (every other with a wave that no model has), "
        f"searches (seed, effort) {SEARCHES}. Missed means that -2 ln L is "
        f"lower by more than {BETTER:g} after a descent from the truth or in another search."
    )
    numbers = {name: round(float(x), 4) for name, x in zip(FEATURES, found, strict=True)}
    table = {"coefficients": numbers, "provenance": provenance}
    TABLE.write_text(json.dumps(table, indent=1) + "\n")
    print(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
