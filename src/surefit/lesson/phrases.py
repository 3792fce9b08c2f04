"""Numbers and comparisons in words, for the report's sentences."""

import math

from surefit.lesson.attempt import Attempt
from surefit.report.wording import duration, probability


def number(value: float) -> str:
    """A χ² or a count, without decimals where they say nothing.

    Example:
        >>> number(204672.3), number(1.2345), number(float("inf"))
        ('204,672', '1.23', 'infinite')
    """
    if not math.isfinite(value):
        return "infinite" if value > 0 else "undefined"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def quality(attempt: Attempt) -> str:
    """χ² over degrees of freedom, as a formula between dollar signs."""
    return rf"$\chi^2/\mathrm{{ndof}} = {number(attempt.chi2)}/{attempt.ndof}$".replace(",", r"\,")


def against(first: float, second: float) -> str:
    """How one χ² compares with another.

    Example:
        >>> against(1500.0, 3000.0), against(1000.0, 1000.2), against(20.0, 10.0)
        ('50 % below', 'equal to', '2 times')
    """
    if not (math.isfinite(first) and math.isfinite(second)):
        return "not comparable with"
    ratio = first / second
    if abs(ratio - 1) < 1e-3:
        return "equal to"
    if ratio < 1:
        return f"{100 * (1 - ratio):.2g} % below"
    return f"{100 * (ratio - 1):.2g} % above" if ratio < 2 else f"{ratio:.3g} times"


def times(first: float, second: float) -> str:
    """How two times compare.

    Example:
        >>> times(0.5, 5.0), times(5.0, 0.5)
        ('10 times faster than', '10 times slower than')
    """
    ratio = second / first
    if 0.8 < ratio < 1.25:
        return "about as fast as"
    return f"{ratio:.2g} times faster than" if ratio > 1 else f"{1 / ratio:.2g} times slower than"


def small(value: float) -> str:
    """A difference that may be rounding only, as a power of ten.

    Example:
        >>> small(3.2e-13), small(0.0)
        ('3×10⁻¹³', 'nothing at all')
    """
    if value == 0:
        return "nothing at all"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_RAISED)}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def says(attempt: Attempt) -> str:
    """What a fitter says of its own result."""
    return {True: "valid", False: "not valid", None: "–"}[attempt.is_valid]


def row(attempt: Attempt) -> tuple[str, ...]:
    """One line of the table of attempts."""
    chance = "< 1e-99" if attempt.pvalue < 1e-99 else probability(attempt.pvalue)
    return (
        attempt.title,
        attempt.method,
        str(attempt.n_parameters),
        number(attempt.chi2),
        number(attempt.chi2 / attempt.ndof),
        unbroken(chance),
        unbroken(duration(attempt.seconds)),
        says(attempt),
    )


def unbroken(text: str) -> str:
    """Text that is not split at the end of a line, for a table's cells."""
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{NON-BREAKING HYPHEN}")


def breakable(text: str) -> str:
    """The inverse of `unbroken`."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


HEADER = ("attempt", "how", ">par.", ">χ²", ">χ²/ndof", ">p", ">time", "says")
"""Headings of the table of attempts; `>` aligns to the right."""
