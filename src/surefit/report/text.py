"""The plain-text view of a fit: what `print(fit)` shows."""

import math
import textwrap

from surefit.report import wording
from surefit.report.rounding import Rounded, rounded
from surefit.report.summary import FitSummary, ParameterRow

WIDTH = 80
_NAME_LENGTH = 34


def fit_text(summary: FitSummary) -> str:
    """Describe a fit in plain text of at most 80 columns, without color.

    Args:
        summary: The fit.

    Returns:
        Text without a final line end. However many parameters there are, it fits on two screens.

    Example:
        >>> print(fit_text(FitSummary(
        ...     model="Line()",
        ...     rows=(ParameterRow("intercept", 1.2345, 0.0213), ParameterRow("slope", -3.2, 0.11)),
        ...     n_points=12, n_dropped=0, chi2=9.514, ndof=10, pvalue=0.4842, rss=0.0931,
        ...     errors_estimated=False, is_valid=True, status="converged", advice="",
        ...     method="Solved in closed form: the model is linear in its parameters.",
        ...     evidence=("A linear problem has one minimum.",), notes=(), seconds=0.00213,
        ... )))
        Line(): 12 points, 2 parameters, 2.1 ms
        The minimum is found and can be trusted.
        <BLANKLINE>
          intercept   1.234 ± 0.021
          slope      -3.20  ± 0.11
        <BLANKLINE>
          chi2/ndof = 9.514/10 = 0.9514, p = 0.48
        <BLANKLINE>
          How sure:  A linear problem has one minimum.
          Method:    Solved in closed form: the model is linear in its parameters.
    """
    head = _wrapped(f"{wording.shortened(summary.model, 300)}: {wording.points(summary)}", "")
    verdict = wording.verdict(summary) if summary.is_valid else _warning(summary)
    numbers = [_wrapped(wording.quality(summary), "  ")]
    goodness = wording.goodness(summary)
    if goodness:
        numbers.append(_wrapped(goodness, "  "))
    blocks = [[head, verdict], _table(summary.rows), numbers, _remarks(summary)]
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return "\n".join(line.rstrip() for line in text.splitlines())


def aligned_rows(
    rows: tuple[ParameterRow, ...], *, name_length: int = _NAME_LENGTH
) -> list[tuple[str, str, str, str]]:
    """Round rows and pad their numbers so that decimal points stand in one column.

    Args:
        rows: Rows of the table.
        name_length: Longer names lose their middle.

    Returns:
        For each row its name, its value, the rest of the number (`± 0.02  ×10^5`), and its note.
    """
    numbers = [rounded(row.value, row.error) for row in rows]
    before = max((len(number.value.partition(".")[0]) for number in numbers), default=0)
    after = max((len(_fraction(number.value)) for number in numbers), default=0)
    errors = [_error(number, row) for number, row in zip(numbers, rows, strict=True)]
    width = max((len(error) for error in errors), default=0)
    aligned = []
    for number, error, row in zip(numbers, errors, rows, strict=True):
        whole, fraction = number.value.partition(".")[0], _fraction(number.value)
        value = whole.rjust(before) + fraction.ljust(after)
        power = f" ×10^{number.exponent}" if number.exponent else ""
        rest = (error.ljust(width) if power else error) + power
        aligned.append(
            (wording.shortened(row.name, name_length), value, rest, wording.plain(row.note))
        )
    return aligned


def _fraction(digits: str) -> str:
    _, point, fraction = digits.partition(".")
    return point + fraction


def _error(number: Rounded, row: ParameterRow) -> str:
    """The error, unless there is none and the note says why."""
    return "" if math.isnan(row.error) and row.note else f"± {number.plus}"


def _table(rows: tuple[ParameterRow, ...]) -> list[str]:
    if not rows:
        return ["  (parameters not given: see the notes)"]
    aligned = aligned_rows(wording.visible_rows(rows))
    names = max(len(name) for name, *_ in aligned)
    rests = max(len(rest) for _, _, rest, _ in aligned)
    lines = []
    for name, value, rest, note in aligned:
        line = f"  {name.ljust(names)}  {value} {rest.ljust(rests)}  "
        if note and len(line) + len(note) > WIDTH:
            lines.append(line)
            line, note = "", note
            lines.append(_wrapped(f"({note})", " " * (names + 4)))
        else:
            lines.append(line + note)
    more = wording.hidden_rows(rows)
    return [*lines, _wrapped(more, "  ")] if more else lines


def _warning(summary: FitSummary) -> str:
    """Put the verdict in a frame that nobody overlooks, with what to do."""
    body = [wording.verdict(summary), *textwrap.wrap(wording.plain(summary.advice), WIDTH - 4)]
    edge = "!" * WIDTH
    return "\n".join([edge, *(f"! {line.ljust(WIDTH - 4)} !" for line in body), edge])


def paragraphs(summary: FitSummary) -> list[tuple[str, list[str]]]:
    """Headings with their sentences, those that have any."""
    paragraphs = [
        ("How sure:", wording.sentences(summary.evidence)),
        ("Method:", wording.sentences((summary.method,) if summary.method else ())),
        ("Notes:", wording.sentences(summary.notes)),
    ]
    return [(heading, lines) for heading, lines in paragraphs if lines]


def _remarks(summary: FitSummary) -> list[str]:
    lines = []
    for heading, items in paragraphs(summary):
        first = "  " + heading.ljust(11)
        for item in items:
            lines.append(_wrapped(item, first, " " * 13))
            first = " " * 13
    return lines


def _wrapped(text: str, first: str, others: str | None = None) -> str:
    indent = first if others is None else others
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=indent)
