"""Fit the coefficients of `surefit.search.missed` to families whose answers are known.

`python -m benchmarks.calibrate` fits samples of the families of hard problems with searches of
different strength and seeds, asks of each whether something better is known (from the truth, or
from the other fits of the sample), and writes `missed.json`. `--check` takes the families that were
held out instead, writes nothing, and compares stated with observed. With `--cases FILE` the
searches are kept, or taken from there.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
from sklearn.linear_model import LogisticRegression

import surefit
from benchmarks.families.family import Family, Sample
from benchmarks.families.references import from_truth
from benchmarks.families.run import FAMILIES, HELD_OUT
from surefit.search import assembly, multi_start
from surefit.search.account import account
from surefit.search.missed import FEATURES, TABLE, Trail

# Samples that are not among those the success rates are measured on.
SEEDS = range(40, 52)
# −2 ln L by which a better minimum is lower.
BETTER = 1.0
# Size of the wave that every other sample is distorted by, in standard deviations.
WAVE = 1.5
# Strength of the regularization: the coefficients are pulled toward zero by 1/(2 C) of their
# squares, as few searches miss.
C = 1.0
LIMITS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.01)


@dataclasses.dataclass(frozen=True)
class Strength:
    """How hard a search tries; normal ones miss too seldom to be counted.

    Attributes:
        key: Its seed.
        starts: Its budget, in units of the normal number of rounds.
        weaker: By how much fewer candidates are screened, and refined, in a round.
    """

    key: int
    starts: float
    weaker: int = 1


# What a weaker search has less of.
NUMBERS = (
    (multi_start, "SCREENED"),
    (multi_start, "SCREENED_KNOWN"),
    (multi_start, "REFINED"),
    (assembly, "STREAMS"),
    (assembly, "BUILT_EACH"),
)
SEARCHES = (Strength(1, 0.25, 5), Strength(2, 0.5, 5), Strength(3, 0.25, 2), Strength(4, 1.0))


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
    for strength in SEARCHES:
        trails: list[Trail] = []

        def record(run, seen, n_known, *, is_confirmed, trails=trails):
            trails.append(seen)
            return account(run, seen, n_known, is_confirmed=is_confirmed)

        with mock.patch.object(multi_start, "account", record), weakened(strength.weaker):
            fit = surefit.fit(
                *(sample.x, sample.y, model, sample.yerr),
                key=strength.key,
                budget=surefit.Budget(starts=strength.starts),
            )
        ended += [(seen, fit.chi2) for seen in trails]
    best = min([from_truth(sample), *(chi2 for _, chi2 in ended)])
    return [Case(name, seen, not chi2 <= best + BETTER) for seen, chi2 in ended]


@contextlib.contextmanager
def weakened(factor: int) -> Iterator[None]:
    """Fewer candidates and starts in each round."""
    with contextlib.ExitStack() as stack:
        # Stop where rounds and a second search agree, however probable a miss is thought to be.
        stack.enter_context(mock.patch.object(multi_start, "MOST_MISSED", 1.0))
        for module, name in NUMBERS:
            fewer = max(getattr(module, name) // factor, 1)
            stack.enter_context(mock.patch.object(module, name, fewer))
        yield


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


def _kept(path: Path | None, families: tuple[Family, ...]) -> list[Case]:
    """Searches read from a file if it exists, else made, and written there."""
    if path is not None and path.exists():
        rows = json.loads(path.read_text())
        return [Case(name, Trail(**trail), is_missed) for name, trail, is_missed in rows]
    cases = collect(families, SEEDS)
    if path is not None:
        rows = [(case.family, dataclasses.asdict(case.trail), case.is_missed) for case in cases]
        path.write_text(json.dumps(rows))
    return cases


def main() -> None:
    """Calibrate, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="held-out families; write nothing")
    parser.add_argument("--cases", type=Path, help="where searches are kept")
    options = parser.parse_args()
    if options.check:
        print(compare(_kept(options.cases, HELD_OUT)))
        return
    cases = _kept(options.cases, FAMILIES)
    found = coefficients(cases)
    missed = sum(case.is_missed for case in cases)
    provenance = (
        f"Logistic regression (C={C:g}) on {len(cases)} searches, {missed} of which missed: "
        f"{len(FAMILIES)} families of benchmarks/families, samples {SEEDS.start} to "
        f"{SEEDS.stop - 1} (every other with a wave that no model has), "
        f"{len(SEARCHES)} searches of different strength of each. Missed means that -2 ln L is "
        f"lower by more than {BETTER:g} after a descent from the truth or in another search."
    )
    numbers = {name: round(float(x), 4) for name, x in zip(FEATURES, found, strict=True)}
    table = {"coefficients": numbers, "provenance": provenance}
    TABLE.write_text(json.dumps(table, indent=1) + "\n")
    print(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
