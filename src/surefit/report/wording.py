"""Say in plain words what a fit's numbers mean; text and HTML views share these sentences."""

import math
import re

from surefit.report.rounding import significant
from surefit.report.summary import FitSummary, ParameterRow

# Beyond these probabilities chance is no longer a sensible explanation (about 3 σ).
_TOO_SMALL, _TOO_LARGE = 0.003, 0.997
SHOWN_ROWS = 24  # of a table of parameters; a screen has about that many lines
SHOWN_SENTENCES = 12


def verdict(summary: FitSummary) -> str:
    """Say in a sentence whether the minimum can be trusted.

    Args:
        summary: The fit.
    """
    if summary.is_valid:
        return "The minimum is found and can be trusted."
    return f"DO NOT TRUST THESE NUMBERS ({shortened(summary.status, 40).replace('_', ' ')})."


def goodness(summary: FitSummary) -> str:
    """Say whether the model describes the data; that is another question than the minimum.

    Args:
        summary: The fit.

    Returns:
        A sentence, or nothing where there is nothing to say against model and errors.
    """
    if math.isnan(summary.pvalue):
        return ""
    if summary.pvalue < _TOO_SMALL:
        return (
            "The curve misses the points by more than their errors allow: the model does not "
            "describe these data, or the errors given are too small."
        )
    if summary.pvalue > _TOO_LARGE and summary.is_of_counts:
        return (
            "The counts lie closer to the curve than χ² allows, which it does not describe where "
            "many bins have few entries."
        )
    if summary.pvalue > _TOO_LARGE:
        return (
            "The points lie closer to the curve than their errors allow: the errors given are "
            "probably too large, or the model follows the noise."
        )
    return ""


def quality(summary: FitSummary) -> str:
    """Write the line of numbers on how well the curve meets the points.

    Args:
        summary: The fit.

    Returns:
        `chi2/ndof = 1012.3/998 = 1.014, p = 0.37`, or without errors on y the size estimated.
    """
    ndof = summary.ndof
    shown = degrees(ndof)
    if summary.errors_estimated:
        size = math.sqrt(summary.rss / ndof) if ndof > 0 and summary.rss >= 0 else math.nan
        return (
            f"No errors on y were given; estimated from the residuals: {significant(size)} per "
            f"point (rss = {significant(summary.rss, 6)}, ndof = {shown}). So there is no chi2."
        )
    if math.isnan(summary.chi2):
        return f"chi2 is not defined here; rss = {significant(summary.rss, 6)}, ndof = {shown}"
    line = f"chi2/ndof = {significant(summary.chi2, 5 if summary.chi2 >= 1000 else 4)}/{shown}"
    if ndof > 0:
        line += f" = {significant(summary.chi2 / ndof)}"
    if not math.isnan(summary.pvalue):
        line += f", p = {probability(summary.pvalue)}"
    return line


def degrees(ndof: float) -> str:
    """Write a number of degrees of freedom: whole, or where a penalty spends parts of one.

    Example:
        >>> degrees(97), degrees(91.26)
        ('97', '91.3')
    """
    return f"{ndof:.1f}" if isinstance(ndof, float) else f"{ndof}"


def probability(value: float) -> str:
    """Write a probability: two digits, and no more zeros than can be counted at a glance.

    Args:
        value: From 0 to 1, or NaN.

    Example:
        >>> probability(0.3712), probability(3.21e-8), probability(0.9999)
        ('0.37', '3.2e-08', '0.9999')
    """
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0 (below 1e-308)"
    if value < 0.001:
        return f"{value:.1e}"
    return f"{value:.4f}" if value > 0.99 else f"{value:.2g}"


def points(summary: FitSummary) -> str:
    """Say how many points were used, how many were not, and how long it took."""
    line = f"{summary.n_points:,} points"
    if summary.n_dropped:
        line += f" ({summary.n_dropped:,} masked ones left out)"
    parameters = count_of(len(summary.rows) + summary.n_withheld, "parameter")
    return f"{line}, {parameters}, {duration(summary.seconds)}"


def duration(seconds: float) -> str:
    """Write a time in a unit that suits it.

    Example:
        >>> duration(0.00213), duration(1.5), duration(312.0), duration(float("nan"))
        ('2.1 ms', '1.5 s', '5.2 min', '–')
    """
    if math.isnan(seconds):
        return "–"
    if seconds < 0.9995:
        return f"{significant(1000 * seconds, 2 if seconds < 0.0995 else 3)} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def count_of(number: int, noun: str) -> str:
    """Write a number with its noun, `1 parameter`, `2 parameters`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def visible_rows(rows: tuple[ParameterRow, ...]) -> tuple[ParameterRow, ...]:
    """Those rows of a table that are shown: all, or the first of very many."""
    return rows if len(rows) <= SHOWN_ROWS else rows[: SHOWN_ROWS - 7]


def hidden_rows(rows: tuple[ParameterRow, ...]) -> str:
    """Say what the rows not shown hold, and where to find them; nothing if all are shown."""
    hidden = rows[len(visible_rows(rows)) :]
    if not hidden:
        return ""
    remarks = {row.note for row in hidden if row.note}
    told = [
        f"{sum(row.note == remark for row in hidden):,} {shortened(remark, 60)}"
        for remark in sorted(remarks)[:3]
    ]
    among = f", of which {', '.join(told)}" if told else ""
    return f"… {len(hidden):,} more: fit.values, fit.errors{among}"


def sentences(items: tuple[str, ...]) -> list[str]:
    """Clean sentences for a list, at most `SHOWN_SENTENCES` of them."""
    shown = [shortened(item, 600) for item in items[:SHOWN_SENTENCES]]
    if len(items) > len(shown):
        shown.append(f"… and {len(items) - len(shown):,} more.")
    return shown


def shortened(text: str, length: int) -> str:
    """Cut the middle out of a text that is too long, and make it fit on one line.

    Example:
        >>> shortened("abcdefghij", 7)
        'abc…hij'
    """
    text = plain(text)
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - head - 1) :]}"


def brief(model: str) -> str:
    """A model's constructor without what it read off the data, which models compared have alike.

    Args:
        model: The constructor.

    Example:
        >>> brief("Polynomial(3, domain=(0.01, 0.99)) + Constant()")
        'Polynomial(3) + Constant()'
    """
    return re.sub(r", domain=\([^()]*\)", "", model)


def plain(text: str) -> str:
    r"""Replace line ends and control characters, which could garble a terminal, by spaces.

    Example:
        >>> plain("peak\x1b[31m mass")
        'peak [31m mass'
    """
    cleaned = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(cleaned.split())
