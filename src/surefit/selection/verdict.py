"""What a comparison of models says, in words."""

import math
from collections.abc import Sequence

from surefit.report.comparison import ComparisonRow

# Burnham & Anderson 2002, section 2.6: a model within 2 of the best has substantial support, one
# beyond 10 essentially none.
_TIE = 2.0
_CLEAR = 10.0
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
    usable = [row for row in rows if row.is_valid and math.isfinite(row.aicc)]
    usable.sort(key=lambda row: (row.aicc, row.n_parameters))
    if not usable:
        return "No fit can be trusted, so nothing follows from comparing them."
    best = usable[0]
    sentences = [_preference(best, usable[1:])]
    if best.pvalue < _POOR:
        sentences.append(
            f"But {best.label} does not describe the data (p = {best.pvalue:.1g}): something is "
            "missing in it, or the errors are too small."
        )
    n_left_out = len(rows) - len(usable)
    if n_left_out:
        fits = "1 model was" if n_left_out == 1 else f"{n_left_out} models were"
        sentences.append(f"{fits} left out, as there is no fit of it that can be trusted.")
    return " ".join(sentences)


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
