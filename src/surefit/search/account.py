"""Give an account of a search: what its starts say of the best minimum, in numbers and words."""

import dataclasses

import numpy as np

from surefit.minimizers.base import Status
from surefit.search.base import SAME, Evidence, gather_evidence
from surefit.search.missed import Trail
from surefit.search.run import Run

# −2 ln L by which another minimum may be higher and yet be as good: one standard deviation.
INDISTINGUISHABLE = 1.0
# −2 ln L, relative to a typical candidate's, below which residuals are rounding.
EXACT = 1e-14
# Most other minima whose curves are compared with that of the best.
COMPARED = 8


def trail(run: Run, round_best: list[float], *, order: np.ndarray) -> Trail:
    """What the search went through so far.

    Args:
        run: The search.
        round_best: −2 ln L of the best of each independent round.
        order: Indices that sort the points by each input, shape (d, n).
    """
    _, values = run.all()
    values = values[np.array(run.independent, dtype=bool)]
    finite = np.sort(values[np.isfinite(values)])
    tolerance, best = run.tolerance(), run.best()
    cuts = np.flatnonzero(np.diff(finite) > tolerance) + 1
    sizes = np.array([len(part) for part in np.split(finite, cuts)]) if len(finite) else np.zeros(0)
    return Trail(
        n_starts=len(values),
        n_agree=int(np.sum(values <= best + tolerance)),
        n_singles=int(np.sum(sizes == 1)),
        n_rounds=len(round_best),
        n_rounds_agree=int(np.sum(np.array(round_best) <= best + tolerance)),
        correlation=correlation(run, order),
        n_searched=len(run.fine.names),
        is_finished=_is_finished(run, best + tolerance),
    )


def _is_finished(run: Run, limit: float) -> bool:
    """Whether a descent that ended at the best minimum was not cut short by its budget."""
    ended = zip(run.all()[1], run.statuses(), strict=True)
    return any(value <= limit and status is not Status.budget_exhausted for value, status in ended)


def correlation(run: Run, order: np.ndarray) -> float:
    """Correlation of neighboring residuals at the best minimum, in standard deviations.

    Args:
        run: The search.
        order: Indices that sort the points by each input, shape (d, n).

    Returns:
        The largest over the inputs; 0 where nothing was found, or nothing is left but rounding.
    """
    lowest = run.lowest(1)
    if not len(lowest) or run.best() <= EXACT * run.typical:
        return 0.0
    residuals, _ = run.problem.linearize(lowest[0])
    n, found = order.shape[1], 0.0
    for along in order:
        # What follows those of the points are constraints on parameters.
        r = residuals[: len(residuals) // n * n].reshape(n, -1)[along]
        size = np.sum(r**2)
        if size > 0:
            found = max(found, float(np.sum(r[1:] * r[:-1]) / size * np.sqrt(r.size)))
    return found


def account(run: Run, seen: Trail, n_known: int, *, is_confirmed: bool) -> Evidence:
    """The evidence of a search.

    Args:
        run: The search.
        seen: What it went through.
        n_known: How many of the first descents began where the user said.
        is_confirmed: Whether a second, different search found nothing better.
    """
    _, values = run.all()
    per_degree, independent = run.tolerance() / SAME, np.array(run.independent)
    is_cut_short = np.array([status is Status.budget_exhausted for status in run.statuses()])
    evidence = gather_evidence(values, independent, per_degree, is_confirmed, is_cut_short)
    missed = seen.missed()
    words = (
        *evidence.explanation,
        _of_longer_searches(seen, missed),
        *_of_starts(values[:n_known], run.best(), run.tolerance()),
        *_of_rivals(run, per_degree),
    )
    return dataclasses.replace(evidence, missed=missed, explanation=words)


def _of_longer_searches(seen: Trail, missed: float) -> str:
    """What a search 100 times longer would find."""
    if not seen.is_finished:
        return "The budget cut the descent to it short: a longer one is bound to go lower."
    return (
        "A search 100 times longer would find -2 ln L lower by more than 1 with an estimated "
        f"probability of {_percent(missed)}."
    )


def _percent(probability: float) -> str:
    if probability < 0.001:
        return "less than 0.1 %"
    return f"{100 * probability:.2g} %"


def _of_starts(values: np.ndarray, best: float, tolerance: float) -> tuple[str, ...]:
    """Where the user's start led."""
    if not len(values):
        return ()
    lowest = values.min()
    if not np.isfinite(lowest):
        return ("From the start given, no finite value was found.",)
    if lowest <= best + tolerance:
        return ("The start given led to the same minimum.",)
    return (
        f"The start given led to a minimum higher by {lowest - best:.3g} in -2 ln L; "
        "this better one was found elsewhere.",
    )


def _of_rivals(run: Run, per_degree: float) -> tuple[str, ...]:
    """Whether another minimum is as good but has another curve."""
    points, values = run.all()
    best = int(np.argmin(values))
    close = np.flatnonzero(values <= values[best] + INDISTINGUISHABLE * per_degree)
    status = run.statuses()
    close = np.array([row for row in close if status[row] is Status.converged and row != best], int)
    if not len(close):
        return ()
    residuals, _ = run.problem.linearize(points[best])
    for other in close[np.argsort(values[close])][:COMPARED]:
        there, _ = run.problem.linearize(points[other])
        if np.sum((there - residuals) ** 2) > INDISTINGUISHABLE * per_degree:
            return (
                f"Another minimum, higher by only {values[other] - values[best]:.2g} in -2 ln L, "
                "has other parameters and another curve: the data cannot tell the two apart.",
            )
    return ()
