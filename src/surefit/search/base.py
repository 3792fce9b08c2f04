"""What a search is, and the evidence it leaves about the minimum it found."""

import abc
import dataclasses

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem

# Two minima whose −2 ln L differ by less than this, in units of the value per degree of freedom,
# are the same minimum as far as any error bar can tell.
SAME = 0.01
# Most distinct minima that are listed.
MOST_LISTED = 50


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What a search saw; agreement of many starts alone proves nothing, so all counts are given.

    Attributes:
        n_starts: Independent starts that were tried.
        n_finished: Those of them that came to an end, at a finite value.
        n_distinct: Distinct minima among them.
        n_agree: Independent starts that ended at the best minimum.
        gap: −2 ln L of the next distinct minimum above the best; NaN if there is none.
        is_confirmed: Whether a second, different search found nothing better.
        values: −2 ln L of the distinct minima, lowest first, at most `MOST_LISTED`.
        explanation: The same in words.
        missed: Estimated probability that a search 100 times longer finds −2 ln L lower by more
            than 1; NaN for searches for which it has not been calibrated.
        counts: Independent starts that ended at each of `values`; 0 at a minimum that only the
            second search found.
    """

    n_starts: int
    n_finished: int
    n_distinct: int
    n_agree: int
    gap: float
    is_confirmed: bool
    values: tuple[float, ...]
    explanation: tuple[str, ...]
    missed: float = float("nan")
    counts: tuple[int, ...] = ()


def closed_form_evidence() -> Evidence:
    """The evidence for a problem that has one minimum, found by formula."""
    text = ("The model is linear in its parameters: there is one minimum, solved exactly.",)
    return Evidence(1, 1, 1, 1, float("nan"), True, (), text, missed=0.0)


def gather_evidence(
    values: np.ndarray,
    is_independent: np.ndarray,
    per_degree: float,
    is_confirmed: bool,
    is_cut_short: np.ndarray | None = None,
) -> Evidence:
    """Count distinct minima and agreement.

    Args:
        values: −2 ln L at which each start ended, shape (s,).
        is_independent: Mask of the starts that were not derived from other starts' results.
        per_degree: −2 ln L per degree of freedom at the best: the unit in which minima differ.
        is_confirmed: What a second search said.
        is_cut_short: Mask of the starts that stopped on their way: where they are, unless it is as
            low as the best, is no minimum. None for none of them.

    Returns:
        The evidence.
    """
    tolerance, best = SAME * per_degree, np.min(values, initial=np.inf)
    is_end = np.isfinite(values)
    if is_cut_short is not None:
        is_end &= ~is_cut_short | (values <= best + tolerance)
    finite, independent = np.sort(values[is_end]), values[is_independent]
    cut = np.flatnonzero(np.diff(finite) > tolerance) + 1
    distinct = finite[np.concatenate([[0], cut])] if len(finite) else finite
    ends = np.sort(values[is_end & is_independent])
    n_agree = int(np.sum(ends <= best + tolerance))
    gap = float(distinct[1] - distinct[0]) if len(distinct) > 1 else float("nan")
    n_infinite = int(np.sum(~np.isfinite(independent)))
    text = _in_words(
        len(independent), n_infinite, len(ends), len(distinct), n_agree, gap, is_confirmed
    )
    bounds = np.append(np.searchsorted(ends, distinct), len(ends))
    return Evidence(
        len(independent),
        len(ends),
        len(distinct),
        n_agree,
        gap,
        is_confirmed,
        tuple(float(value) for value in distinct[:MOST_LISTED]),
        text,
        counts=tuple(int(count) for count in np.diff(bounds)[:MOST_LISTED]),
    )


def nothing_found(
    n_parameters: int, *, is_interrupted: bool, is_late: bool
) -> tuple[Minima, Evidence]:
    """What a search returns that saw no finite value: one minimum, of infinity at NaN.

    Args:
        n_parameters: Length of a point.
        is_interrupted: Whether the user stopped the search.
        is_late: Whether its time was over before it could begin.
    """
    status = Status.budget_exhausted if is_late else Status.not_finite
    status = Status.interrupted if is_interrupted else status
    point = np.full((1, n_parameters), np.nan)
    nothing = Minima(point, np.array([np.inf]), (status,), np.zeros(1))
    return nothing, gather_evidence(nothing.value, np.array([True]), 1.0, False)


def _in_words(
    n_starts, n_infinite, n_finished, n_distinct, n_agree, gap, is_confirmed
) -> tuple[str, ...]:
    others = {
        "found no finite value": n_infinite,
        "stopped on the way, higher up": n_starts - n_finished - n_infinite,
    }
    listed = ", ".join(f"{n} {what}" for what, n in others.items() if n)
    sentences = [
        f"{n_agree} of {n_starts} independent starts ended at this minimum"
        + (f" ({listed})." if listed else ".")
    ]
    if n_distinct > 1:
        sentences.append(
            f"{n_distinct} distinct minima were seen; the next is higher by {gap:.3g} in -2 ln L."
        )
    sentences.append(
        "A second, different search found nothing better."
        if is_confirmed
        else "No second search confirmed it."
    )
    return tuple(sentences)


class AbstractSearch(abc.ABC):
    """Proposes points, calls a minimizer, decides when to stop."""

    @abc.abstractmethod
    def search(
        self,
        problem: AbstractProblem,
        minimizer: AbstractMinimizer,
        *,
        rng: np.random.Generator,
        budget: Budget,
        report: Report,
    ) -> tuple[Minima, Evidence]:
        """Find the lowest minimum.

        Args:
            problem: What to minimize.
            minimizer: What goes downhill from each proposed point.
            rng: Source of randomness.
            budget: Limits on the work.
            report: Called now and then with the progress.

        Returns:
            The minima found, and the evidence about the best of them.
        """

    @abc.abstractmethod
    def __str__(self) -> str:
        """What the search does, in a few words for the report."""
