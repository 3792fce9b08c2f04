"""How often a fit without any start reaches what a polish from the truth reaches, by family."""

import dataclasses
import statistics
import time

import surefit
from benchmarks.families import curves, held_out, stepped, sums
from benchmarks.families.family import Family
from benchmarks.families.references import TOLERANCE, from_truth
from benchmarks.rates import rate
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
    rows = _rows(GROUP, FAMILIES, seeds)
    if not quick:
        rows += _rows(f"{GROUP}: seeds held out", FAMILIES, HELD_OUT_SEEDS)
        rows += _rows(f"{GROUP}: families held out", HELD_OUT, SEEDS)
    return rows


def _rows(group: str, families: tuple[Family, ...], seeds: range) -> list[Row]:
    """One row for each family, and one for all."""
    rows, every = [], list[Outcome]()
    for family in families:
        outcomes = [outcome(family, seed, key=seed) for seed in seeds]
        rows.append(_row(group, family.name, outcomes))
        every += outcomes
    return [*rows, _row(group, "all", every)]


def _row(group: str, case: str, outcomes: list[Outcome]) -> Row:
    return Row(
        group,
        case,
        OURS,
        cpu=statistics.median(one.cpu for one in outcomes),
        outcome=in_words(outcomes),
        note="median CPU; compiled in the first fit of a family",
    )


def in_words(outcomes: list[Outcome]) -> str:
    """Success and valid as counts, false valid with its upper limit."""
    n = len(outcomes)
    success = sum(one.is_success for one in outcomes)
    valid = sum(one.is_valid for one in outcomes)
    false = sum(one.is_valid and not one.is_success for one in outcomes)
    return (
        f"as good as from the truth {success}/{n}, valid {valid}/{n}, "
        f"valid but worse {rate(false, n)}"
    )
