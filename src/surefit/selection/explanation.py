"""What a ladder of models says, in words."""

import math
from collections.abc import Sequence

from surefit.report import wording
from surefit.report.ladder import LadderRow, probability_text
from surefit.selection.adequacy import Adequacy

# Difference of scores within which two models predict as well (Burnham & Anderson 2002, 2.6).
TIE = 2.0
# p-value of the next smaller model above which a choice is said to rest on little.
LITTLE = 0.005

_WORDS = {
    "polynomial": "a bend of the whole curve",
    "waves": "a wave",
    "step": "a step",
    "kink": "a change of slope",
    "sigmoid": "a rise or fall",
    "bump": "a bump",
    "chi2": "residuals too large",
}


def missing_in_words(adequacy: Adequacy) -> str:
    """What the most significant test found.

    Example:
        >>> missing_in_words(Adequacy(0.001, 20.0, "step", 0.5821, False))
        'a step near 0.582'
    """
    words = _WORDS.get(adequacy.missing, "")
    return words if math.isnan(adequacy.place) else f"{words} near {adequacy.place:.3g}"


def verdict_on(rows: Sequence[LadderRow], is_absolute: bool) -> str:
    """Say which model is enough, how sure that is, and what else would do.

    Args:
        rows: All rungs, in order.
        is_absolute: Whether errors were given.
    """
    best = next((row for row in rows if row.is_best), None)
    if best is None:
        return _nothing(rows, is_absolute)
    sentences = [
        f"{best.label} is the smallest model that explains the data: nothing larger is "
        f"significantly better (p = {wording.probability(best.adequacy)})."
    ]
    smaller = [row for row in rows if row.spent < best.spent and not row.is_adequate]
    if smaller:
        nearest = max(smaller, key=lambda row: (row.adequacy, -row.score))
        p = probability_text(nearest)
        p = f"p {p}" if p.startswith("<") else f"p = {p}"
        only = " only just" if nearest.adequacy > LITTLE else ""
        sentences.append(
            f"Every smaller one is rejected{only}; "
            f"nearest comes {nearest.label} ({p}: {nearest.missing})."
            if len(smaller) > 1
            else f"{nearest.label} is rejected{only} ({p}: {nearest.missing})."
        )
    others = _as_good(rows, best)
    if others:
        names = others[0].label if len(others) == 1 else _joined([row.label for row in others])
        sentences.append(
            f"The data cannot tell it from {names}, which would predict as well with as few or "
            "slightly more degrees of freedom."
        )
    if not is_absolute:
        sentences.append(
            "No errors were given, so that scatter as large as the model's own misfit cannot be "
            "told from noise."
        )
    return " ".join(sentences)


def _as_good(rows: Sequence[LadderRow], best: LadderRow) -> list[LadderRow]:
    """The smallest adequate rung of each other family, where its score is as good."""
    found: dict[str, LadderRow] = {}
    for row in rows:
        if row.is_adequate and row.family != best.family and row.score <= best.score + TIE:
            found.setdefault(row.family, row)
    return list(found.values())


def _nothing(rows: Sequence[LadderRow], is_absolute: bool) -> str:
    nearest = min(rows, key=lambda row: row.score)
    large = max(row.spent for row in rows)
    errors = " The errors may be too small, or not independent." if is_absolute else ""
    return (
        f"No model on the ladder, up to {large:.0f} effective degrees of freedom, explains the "
        f"data. {nearest.label} would predict best, but misses {nearest.missing or 'something'} "
        f"(p {'<' if nearest.is_bound else '='} {nearest.adequacy:.1g}).{errors}"
    )


def _joined(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
