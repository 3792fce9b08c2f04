"""How many digits of an independent answer a fit has, from two starts and from none, by kind."""

import dataclasses
import statistics
import time

import numpy as np

import surefit
from benchmarks.certified.kind import Kind
from benchmarks.certified.kinds import KINDS
from benchmarks.certified.reference import LOWER, answer, problem_of
from benchmarks.rates import rate
from benchmarks.record import OURS, Row
from surefit.certification.certify import (
    DIGITS_OF_ERRORS,
    DIGITS_OF_RSS,
    DIGITS_OF_VALUES,
    STARTS,
    attainable_digits,
    equivalent_answer,
    matching_digits,
)
from surefit.certification.statements import statement_of
from surefit.certification.strd import CertifiedProblem

GROUP = "Problems of the kinds that NIST certifies, from two starts and from none"
SEEDS = range(12)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One fit.

    Attributes:
        kind: The kind's name.
        seed: The problem's number, and the key of the search.
        start: One of `STARTS`.
        digits: Of the worst parameter, the worst error and the sum of squares.
        is_certified: Whether these are as many as are asked for or attainable.
        is_valid: What the fit says of itself.
        is_false: Whether it says so of another minimum.
        status: Its status.
        cpu: Seconds.
    """

    kind: str
    seed: int
    start: str
    digits: tuple[float, float, float]
    is_certified: bool
    is_valid: bool
    is_false: bool
    status: str
    cpu: float


def outcomes(kind: Kind, seed: int) -> list[Outcome]:
    """Fit one problem from each of its starts and from none."""
    problem = problem_of(kind, seed)
    statement = statement_of(problem)
    y, fits = statement.responses(problem.y), []
    for start in (*problem.starts, None):
        given = None if start is None else dict(zip(problem.names, start.tolist(), strict=True))
        begin = time.process_time()
        fit = surefit.fit(problem.x, y, statement.function, start=given, key=seed)
        fits.append((fit, time.process_time() - begin))
    best = min((fit for fit, _ in fits), key=lambda fit: fit.rss)
    problem = _lower(kind, problem, best)
    attainable = attainable_digits(problem, statement)
    return [
        _outcome(problem, attainable, seed, start, fit, cpu)
        for start, (fit, cpu) in zip(STARTS, fits, strict=True)
    ]


def _lower(kind: Kind, problem: CertifiedProblem, fit: surefit.Fit) -> CertifiedProblem:
    """The problem with the minimum that a fit found as its answer, if that is lower."""
    if not fit.rss < problem.rss * (1 - LOWER):
        return problem
    found = np.array([fit.values[name] for name in problem.names])
    values, errors, rss = answer(kind, problem.x, problem.y, [found])
    if not rss < problem.rss:
        return problem
    return dataclasses.replace(problem, values=values, errors=errors, rss=rss)


def _outcome(problem: CertifiedProblem, attainable, seed, start, fit, cpu) -> Outcome:
    values, errors = equivalent_answer(problem, fit)
    digits = (
        matching_digits(np.array([fit.values[name] for name in problem.names]), values),
        matching_digits(np.array([fit.errors[name] for name in problem.names]), errors),
        matching_digits(np.array([fit.rss]), np.array([problem.rss])),
    )
    asked = (DIGITS_OF_VALUES, DIGITS_OF_ERRORS, DIGITS_OF_RSS)
    certified = all(
        found >= min(wanted, possible)
        for found, wanted, possible in zip(digits, asked, attainable, strict=True)
    )
    # Where residuals are rounding, so is the difference of two sums of their squares.
    is_other = digits[2] < min(6.0, attainable[2])
    return Outcome(
        problem.name, seed, start, digits, certified, fit.valid, fit.valid and is_other,
        fit.status.name, cpu,
    )  # fmt: skip


def measure(quick: bool) -> list[Row]:
    """One row for each kind, and one for all."""
    seeds = SEEDS[:2] if quick else SEEDS
    found = {kind.name: [o for seed in seeds for o in outcomes(kind, seed)] for kind in KINDS}
    every = [one for some in found.values() for one in some]
    return [*(_row(name, some) for name, some in found.items()), _row("all kinds", every)]


def _row(case: str, found: list[Outcome]) -> Row:
    n = len(found)
    counts = [
        f"{start} {sum(o.is_certified for o in found if o.start == start)} of {n // len(STARTS)}"
        for start in STARTS
    ]
    false = sum(one.is_false for one in found)
    return Row(
        GROUP,
        case,
        OURS,
        cpu=statistics.median(one.cpu for one in found),
        outcome=f"certified: {', '.join(counts)}; valid {sum(o.is_valid for o in found)} of {n}; "
        f"falsely valid {rate(false, n)}",
        note="median CPU; compiled in the first fit of a problem",
    )
