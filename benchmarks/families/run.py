"""How often a fit without any start reaches what a polish from the truth reaches, by family."""

import dataclasses
import statistics
import time

import surefit
from benchmarks.families import curves, held_out, stepped, sums
from benchmarks.families.family import Family
from benchmarks.families.references import TOLERANCE, from_truth
from benchmarks.record import OURS, Row
from surefit.search.base import Evidence

GROUP = "Families of hard problems, no start and no bounds"
FAMILIES = (*sums.FAMILIES, *curves.FAMILIES, *stepped.FAMILIES)
HELD_OUT = held_out.FAMILIES
SEEDS = range(20)
# Seeds that were looked at while the search was written are those above; these were not.
HELD_OUT_SEEDS = range(100, 120)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one fit came to.

    Attributes:
        excess: −2 ln L above the reference.
        is_valid: What the fit says of itself.
        status: Its status.
        cpu: Seconds.
        evidence: What the search saw.
    """

    excess: float
    is_valid: bool
    status: str
    cpu: float
    evidence: Evidence

    @property
    def is_success(self) -> bool:
        """Whether it is as good as the reference."""
        return self.excess <= TOLERANCE


def outcome(family: Family, seed: int, **options) -> Outcome:
    """Fit one sample from no start."""
    sample = family.sample(seed)
    model = surefit.Function(sample.model, len(sample.truth)) if sample.is_packed else sample.model
    begin = time.process_time()
    fit = surefit.fit(sample.x, sample.y, model, sample.yerr, **options)
    cpu = time.process_time() - begin
    return Outcome(fit.chi2 - from_truth(sample), fit.valid, fit.status.name, cpu, fit.evidence)


def measure(quick: bool) -> list[Row]:
    seeds = SEEDS[:4] if quick else SEEDS
    rows = [_row(GROUP, family, seeds) for family in FAMILIES]
    if not quick:
        rows += [_row(f"{GROUP}: seeds held out", family, HELD_OUT_SEEDS) for family in FAMILIES]
        rows += [_row(f"{GROUP}: families held out", family, SEEDS) for family in HELD_OUT]
    return rows


def _row(group: str, family: Family, seeds: range) -> Row:
    outcomes = [outcome(family, seed) for seed in seeds]
    return Row(
        group,
        family.name,
        OURS,
        cpu=statistics.median(one.cpu for one in outcomes),
        outcome=in_words(outcomes),
        note="median CPU; compiled in the first fit of a family",
    )


def in_words(outcomes: list[Outcome]) -> str:
    """Success, valid and false valid as counts."""
    n = len(outcomes)
    success = sum(one.is_success for one in outcomes)
    valid = sum(one.is_valid for one in outcomes)
    false = sum(one.is_valid and not one.is_success for one in outcomes)
    return f"as good as from the truth {success}/{n}, valid {valid}/{n}, valid but worse {false}"
