"""Fit certified problems from NIST's starts and from none, and count the digits that agree."""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from surefit.certification.statements import Statement
from surefit.certification.strd import CertifiedProblem
from surefit.exceptions import SurefitError
from surefit.fitting import fit
from surefit.models.reporting import reported_values
from surefit.models.structures.canonical import Wishes
from surefit.result import Fit

# Digits that NIST certifies: more cannot be told from rounding.
CERTIFIED = 11.0
# Digits that a problem must agree to, where the rounding of its data leaves as many.
DIGITS_OF_VALUES = 8.0
DIGITS_OF_ERRORS = 5.0
DIGITS_OF_RSS = 8.0
# Where each fit begins.
STARTS = ("start 1", "start 2", "no start")


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One problem, fitted from one start or from none.

    Attributes:
        start: One of `STARTS`.
        values: Digits to which the worst parameter agrees; NaN if the fit raised.
        errors: The same of the standard deviations.
        rss: Digits to which the residual sum of squares agrees.
        status: How the fit says it ended; or the message of what it raised.
        is_valid: Whether the fit says that it can be trusted.
        seconds: Wall time of the fit.
    """

    start: str
    values: float
    errors: float
    rss: float
    status: str
    is_valid: bool
    seconds: float


@dataclasses.dataclass(frozen=True)
class Certification:
    """One problem and all attempts at it.

    Attributes:
        name: The problem.
        level: Its difficulty.
        n_parameters: Number of parameters.
        attainable: Digits of values, errors and residual sum of squares that the rounding of
            double precision leaves.
        attempts: From start 1, start 2 and no start.
    """

    name: str
    level: str
    n_parameters: int
    attainable: tuple[float, float, float]
    attempts: tuple[Attempt, ...]

    def is_certified(self, attempt: Attempt) -> bool:
        """Whether an attempt agrees to as many digits as are asked for or attainable."""
        asked = (DIGITS_OF_VALUES, DIGITS_OF_ERRORS, DIGITS_OF_RSS)
        found = (attempt.values, attempt.errors, attempt.rss)
        return all(
            digits >= min(wanted, possible)
            for digits, wanted, possible in zip(found, asked, self.attainable, strict=True)
        )

    def is_false(self, attempt: Attempt) -> bool:
        """Whether an attempt calls itself valid but is not at the certified minimum."""
        return attempt.is_valid and not attempt.rss >= min(4.0, self.attainable[2])

    @property
    def is_passed(self) -> bool:
        """Whether all attempts are certified."""
        return all(self.is_certified(attempt) for attempt in self.attempts)


def certify(
    problems: Sequence[CertifiedProblem],
    statements: Sequence[Statement],
    report: Callable[[str], None],
) -> list[Certification]:
    """Fit each problem from both of its starts and from none.

    Args:
        problems: The problems.
        statements: Their models.
        report: Told what is being fitted.

    Returns:
        One certification each.
    """
    results = []
    for problem, statement in zip(problems, statements, strict=True):
        attempts = []
        for start, name in zip((*problem.starts, None), STARTS, strict=True):
            report(f"{problem.name}, {name}")
            attempts.append(_attempt(problem, statement, name, start))
        results.append(
            Certification(
                problem.name,
                problem.level,
                len(problem.names),
                attainable_digits(problem, statement),
                tuple(attempts),
            )
        )
    return results


def attainable_digits(
    problem: CertifiedProblem, statement: Statement
) -> tuple[float, float, float]:
    """Digits that rounding the data to double precision leaves, to first order.

    A change e of the responses moves parameter i by at most |e| s_i / s, where s_i is its standard
    deviation and s that of the residuals, and the root of the residual sum of squares by |e|.

    Returns:
        Digits of the worst parameter, of the worst error, of the residual sum of squares.
    """
    y = statement.responses(problem.y)
    rounding = np.finfo(float).eps * float(np.linalg.norm(y))
    scatter = math.sqrt(problem.rss / max(len(y) - len(problem.names), 1))
    values = np.max(rounding * problem.errors / scatter / np.abs(problem.values))
    rss = 2 * rounding / math.sqrt(problem.rss)
    return tuple(max(-math.log10(loss), 0.0) for loss in (values, rss, rss))  # type: ignore[return-value]


def matching_digits(found: np.ndarray, certified: np.ndarray) -> float:
    """Digits to which the worst of some numbers agrees, at most those certified.

    Example:
        >>> round(matching_digits(np.array([1.0001, 2.0]), np.array([1.0, 2.0])), 6)
        4.0
    """
    if not np.isfinite(found).all():
        return 0.0
    size = np.where(certified == 0, 1.0, np.abs(certified))
    worst = float(np.max(np.abs(found - certified) / size))
    return CERTIFIED if worst == 0 else float(np.clip(-math.log10(worst), 0.0, CERTIFIED))


def _attempt(
    problem: CertifiedProblem, statement: Statement, name: str, start: np.ndarray | None
) -> Attempt:
    began = time.perf_counter()
    given = None if start is None else dict(zip(problem.names, start.tolist(), strict=True))
    y = statement.responses(problem.y)
    try:
        result = fit(problem.x, y, statement.function, start=given)
    except SurefitError as error:
        seconds = time.perf_counter() - began
        return Attempt(name, math.nan, math.nan, math.nan, str(error), False, seconds)
    seconds = time.perf_counter() - began
    values, errors = equivalent_answer(problem, result)
    return Attempt(
        name,
        matching_digits(np.array([result.values[name] for name in problem.names]), values),
        matching_digits(np.array([result.errors[name] for name in problem.names]), errors),
        matching_digits(np.array([result.rss]), np.array([problem.rss])),
        result.status.name,
        result.valid,
        seconds,
    )


def equivalent_answer(problem: CertifiedProblem, result: Fit) -> tuple[np.ndarray, np.ndarray]:
    """The certified values and errors, with terms that may be exchanged in the order of the fit.

    Args:
        problem: The problem.
        result: A fit of it.

    Returns:
        Values and errors, shape (p,) each, in the order of the problem's parameters.
    """
    names = list(result.names)
    order = np.array([problem.names.index(name) for name in names])
    plain = problem.values[order]
    found = np.array([result.values[name] for name in names])
    equivalent = min(
        (_nearest(result, plain, found), _by_canonical_form(result, plain, found)),
        key=lambda values: _distance(values, found),
    )
    # Exchanging terms and signs moves entries, so each is found again by its size.
    errors = problem.errors[order][_by_size(equivalent, plain)]
    back = np.argsort(order)
    return equivalent[back], errors[back]


def _nearest(result: Fit, plain: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The equivalent of certified values that single changes bring nearest to those found."""
    wishes = dataclasses.replace(Wishes.none(len(plain)), start=found)
    return reported_values(result.model, plain, wishes)


def _by_canonical_form(result: Fit, plain: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The certified values in the order and with the signs of those found, by way of both forms."""
    nothing = Wishes.none(len(plain))
    canonical = reported_values(result.model, found, nothing)
    place = _by_size(found, canonical)
    sign = np.where(found * canonical[place] < 0, -1.0, 1.0)
    return sign * reported_values(result.model, plain, nothing)[place]


def _by_size(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each value the index of the other one whose size is nearest."""
    return np.argmin(np.abs(np.abs(values)[:, None] - np.abs(others)[None, :]), axis=1)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    size = np.maximum(np.abs(one) + np.abs(other), np.finfo(float).tiny)
    return float(np.sum(np.abs(one - other) / size))
