"""What a comparison of models says, in words."""

import math
from collections.abc import Sequence

from surefit.report.comparison import ComparisonRow
from surefit.report.rounding import rounded

# Burnham & Anderson 2002, section 2.6: a model within 2 of the best has substantial support, one
# beyond 10 essentially none.
_TIE = 2.0
_CLEAR = 10.0
# Sivula, Magnusson and Vehtari 2020, arXiv:2008.10296: below 4 in ln L, the standard error of a
# difference in leave-one-out cannot be believed.
_TELLING = 8.0
_SMALL_WEIGHT = 0.01  # a weight below which a model is not named
_POOR = 1e-3  # a p-value below which the best model is said not to describe the data


def verdict_on(rows: Sequence[ComparisonRow]) -> str:
    """Say which model the data prefer, and whether it is any good.

    Args:
        rows: The models, in any order.

    Returns:
        A few sentences.

    Example:
        >>> rows = [
        ...     ComparisonRow("Line()", 99.0, 98, 0.45, 103.1, 108.2, 2, 0.1, True),
        ...     ComparisonRow("Constant()", 101.5, 99, 0.41, 103.5, 106.1, 1, 0.1, True),
        ... ]
        >>> print(verdict_on(rows))
        The data cannot tell Line() and Constant() apart (AICc within 0.4); the simplest of these is
        Constant().
    """
    if any(
        row.is_valid and math.isnan(row.aicc) and not math.isnan(row.validated.value)
        for row in rows
    ):
        return _by_validation(rows)
    usable = [row for row in rows if row.is_valid and math.isfinite(row.aicc)]
    usable.sort(key=lambda row: (row.aicc, row.n_parameters))
    if not usable:
        return "No fit can be trusted, so nothing follows from comparing them."
    best = usable[0]
    sentences = [_preference(best, usable[1:]), _weights(usable), _left_out(best, usable[1:])]
    if best.pvalue < _POOR:
        sentences.append(
            f"But {best.label} does not describe the data (p = {best.pvalue:.1g}): something is "
            "missing in it, or the errors are too small."
        )
    sentences.append(_omitted(len(rows) - len(usable)))
    return " ".join(filter(None, sentences))


def _omitted(number: int) -> str:
    if not number:
        return ""
    fits = "1 model was" if number == 1 else f"{number} models were"
    return f"{fits} left out, as there is no fit of it that can be trusted."


def _weights(usable: Sequence[ComparisonRow]) -> str:
    """How sure the order is by AICc, for those that matter."""
    shown = [row for row in usable if row.weight >= _SMALL_WEIGHT][:4]
    if len(usable) < 2 or not shown:
        return ""
    named = ", ".join(f"{row.label} {row.weight:.2f}" for row in shown)
    return f"Akaike weights: {named}."


def _left_out(best: ComparisonRow, others: Sequence[ComparisonRow]) -> str:
    """What points left out say of the best and the next."""
    other = others[0] if others else None
    if other is None or math.isnan(other.left_out.gap):
        return ""
    gap, error = other.left_out.gap, other.left_out.gap_error
    size = f"{rounded(abs(gap), error).text()} in -2 ln L"
    if abs(gap) < _TELLING or abs(gap) < 2 * error:
        return f"Points left out do not tell {best.label} and {other.label} apart ({size})."
    first, second = (best, other) if gap > 0 else (other, best)
    sure = 0.5 * (1 + math.erf(abs(gap) / error / math.sqrt(2))) if error > 0 else 1.0
    return (
        f"Points left out are predicted better by {first.label} than by {second.label}, by {size}: "
        f"with a probability of {_percent(sure)} it predicts new points better."
    )


def _percent(probability: float) -> str:
    return "more than 99.9 %" if probability > 0.999 else f"{100 * probability:.3g} %"


def _by_validation(rows: Sequence[ComparisonRow]) -> str:
    """The verdict where cross-validation decides, as there is no likelihood."""
    usable = [row for row in rows if row.is_valid and math.isfinite(row.validated.value)]
    usable.sort(key=lambda row: (row.validated.value, row.n_parameters))
    best = usable[0]
    close = [row for row in usable[1:] if not row.validated.gap > row.validated.gap_error]
    sentences = [f"Cross-validation finds the lowest error for {best.label}."]
    if close:
        simplest = min([best, *close], key=lambda row: row.n_parameters)
        sentences = [
            f"Cross-validation cannot tell {_joined([row.label for row in (best, *close)])} apart "
            f"(within one standard error); the simplest of these is {simplest.label}."
        ]
    sentences.append(_omitted(len(rows) - len(usable)))
    return " ".join(filter(None, sentences))


def _preference(best: ComparisonRow, others: Sequence[ComparisonRow]) -> str:
    if not others:
        return f"There is nothing to compare {best.label} with."
    tied = [best, *(row for row in others if row.aicc - best.aicc < _TIE)]
    if len(tied) > 1:
        names = _joined([row.label for row in tied])
        spread = tied[-1].aicc - best.aicc
        simplest = min(tied, key=lambda row: row.n_parameters)
        return (
            f"The data cannot tell {names} apart (AICc within {spread:.1f}); the simplest of these "
            f"is {simplest.label}."
        )
    gap = others[0].aicc - best.aicc
    how = "clearly prefer" if gap >= _CLEAR else "prefer"
    return f"The data {how} {best.label}: its AICc is {gap:.1f} below that of {others[0].label}."


def _joined(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
