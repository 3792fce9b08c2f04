"""The second table of a comparison: how well each model predicts points it was not fitted to."""

import dataclasses
import math
from collections.abc import Sequence

from surefit.report.rounding import rounded


@dataclasses.dataclass(frozen=True)
class Score:
    """An error on points left out; NaN where it is not known.

    Attributes:
        value: The error.
        error: Its standard error.
        gap: Its difference from that of the best model.
        gap_error: Standard error of that, in which what both have in common drops out.
    """

    value: float = math.nan
    error: float = math.nan
    gap: float = math.nan
    gap_error: float = math.nan


UNKNOWN = Score()

LEFT_OUT = (
    "dLOO: -2 ln L of points left out one by one, less that of the first model, with its standard "
    "error: below about 2 of these, or below 8, it does not tell."
)
VALIDATED = (
    "CV: mean error of a point that was left out with its fold, in the units of the loss, with its "
    "standard error."
)
WEIGHT = "weight: how probable it is that the model predicts best of these, by AICc."


def score_header(scores: Sequence[tuple[float, Score, Score]]) -> list[str]:
    """Headings of the columns that any model has; none if the table is not worth printing.

    Args:
        scores: Weight, leave-one-out and cross-validation of each model.
    """
    if len(scores) < 2 or all(math.isnan(weight) for weight, _, _ in scores):
        weight: list[str] = []
    else:
        weight = ["weight"]
    left_out = any(not math.isnan(one.gap) for _, one, _ in scores)
    validated = any(not math.isnan(one.value) for _, _, one in scores)
    return weight + ["dLOO"] * left_out + ["CV"] * validated


def score_cells(
    scores: Sequence[tuple[float, Score, Score]], header: Sequence[str]
) -> list[list[str]]:
    """One row of cells for each model.

    Args:
        scores: Weight, leave-one-out and cross-validation of each model.
        header: From `score_header`.
    """
    rows = []
    for weight, left_out, validated in scores:
        cells = {
            "weight": "–" if math.isnan(weight) else f"{weight:.3f}",
            "dLOO": _with_error(left_out.gap, left_out.gap_error),
            "CV": _with_error(validated.value, validated.error),
        }
        rows.append([cells[name] for name in header])
    return rows


def explanations(header: Sequence[str]) -> list[str]:
    """What the columns mean, one sentence each."""
    said = {"weight": WEIGHT, "dLOO": LEFT_OUT, "CV": VALIDATED}
    return [said[name] for name in header]


def _with_error(value: float, error: float) -> str:
    if math.isnan(value):
        return "–"
    if value == 0 and error == 0:
        return "0"
    return rounded(value, error).text() if math.isfinite(value) and error > 0 else f"{value:.4g}"
