"""Round a value to the digits its error supports: the rule of the Particle Data Group.

The rule (Particle Data Group, Review of Particle Physics, Introduction, section 5.3): take the
three leading digits of the error. From 100 to 354 keep two digits, from 355 to 949 keep one, from
950 to 999 round up to 1000 and keep two. The value is rounded to the same decimal place.
Everything is computed on the shortest decimal that is the given float, so that no digit depends
on binary rounding.
"""

import dataclasses
import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

from surefit.exceptions import InvalidOption

_CONTEXT = Context(prec=700, rounding=ROUND_HALF_EVEN)  # holds any float64 to any place exactly
_FLOAT_DIGITS = 17  # more digits of a float64 say nothing
_PLAIN_DIGITS = 6  # of a number without an error, as in C's %g
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclasses.dataclass(frozen=True)
class Rounded:
    """A number as it is shown: digits as strings, and one power of ten for all of them.

    Attributes:
        value: Digits of the value, `"1.23"`; `"nan"`, `"inf"` or `"-inf"` where it is not finite.
        plus: Digits of the upper error, `"0.04"`, without a sign; empty if there is no error.
        minus: Digits of the lower error, without a sign; equal to `plus` if symmetric.
        exponent: Power of ten that multiplies all of them; 0 for numbers written out.
        is_symmetric: Whether there is one error rather than a lower and an upper one.
    """

    value: str
    plus: str = ""
    minus: str = ""
    exponent: int = 0
    is_symmetric: bool = True

    def text(self) -> str:
        """Plain text, `(1.23 ± 0.04)×10^5`, in characters that old consoles have too."""
        return self._scaled(self._body(), f"×10^{self.exponent}")

    def unicode(self) -> str:
        """Text with a minus sign and raised exponents, `(−1.23 ± 0.04)×10⁵`, for figures."""
        body = self._body().replace("inf", "∞").replace("-", "−")
        return self._scaled(body, "×10" + str(self.exponent).translate(_SUPERSCRIPTS))

    def html(self) -> str:
        """HTML, `(1.23 ± 0.04)×10<sup>5</sup>`."""
        body = _html_number(self.value)
        if self.plus and self.is_symmetric:
            body += f"&nbsp;±&nbsp;{_html_number(self.plus)}"
        elif self.plus:
            upper, lower = _html_number(self.plus), _html_number(self.minus)
            body += f"<sup>+{upper}</sup><sub>−{lower}</sub>"
        exponent = str(self.exponent).replace("-", "−")
        return self._scaled(body, f"×10<sup>{exponent}</sup>")

    def latex(self) -> str:
        r"""LaTeX in mathematics mode, `$(1.23 \pm 0.04)\times 10^{5}$`; needs no package."""
        body = _latex_number(self.value)
        if self.plus and self.is_symmetric:
            body += rf" \pm {_latex_number(self.plus)}"
        elif self.plus:
            body += f"^{{+{_latex_number(self.plus)}}}_{{-{_latex_number(self.minus)}}}"
        power = rf"\times 10^{{{self.exponent}}}"
        return f"${self._scaled(body, power)}$"

    def _body(self) -> str:
        if not self.plus:
            return self.value
        errors = f"± {self.plus}" if self.is_symmetric else f"+{self.plus} -{self.minus}"
        return f"{self.value} {errors}"

    def _scaled(self, body: str, power: str) -> str:
        if not self.exponent:
            return body
        return f"({body}){power}" if self.plus else body + power


def rounded(value: float, error: float | None = None) -> Rounded:
    """Round a value to what its error supports.

    Args:
        value: The value; may be NaN or infinite.
        error: One standard deviation in the value's unit. 0 and numbers that are not finite are
            shown as they are, beside the value in six digits. The default, None, is a number
            without an error.

    Returns:
        The digits to show.

    Raises:
        InvalidOption: The error is negative.

    Example:
        >>> rounded(0.8273, 0.1191).text()
        '0.83 ± 0.12'
        >>> rounded(123456.0, 3700.0).text()
        '(1.23 ± 0.04)×10^5'
        >>> rounded(-1.5e-7).text()
        '-1.5×10^-7'
    """
    if error is None:
        return _rounded(float(value), (), True)
    return _rounded(float(value), (_checked(error),) * 2, True)


def rounded_asymmetric(value: float, minus: float, plus: float) -> Rounded:
    """Round a value with different errors below and above to what the smaller one supports.

    Args:
        value: The value; may be NaN or infinite.
        minus: Distance to the lower end of the interval, positive; may be NaN or infinite.
        plus: Distance to the upper end, positive; may be NaN or infinite.

    Returns:
        The digits to show.

    Raises:
        InvalidOption: An error is negative.

    Example:
        >>> rounded_asymmetric(1.2345, 0.0421, 0.12).text()
        '1.23 +0.12 -0.04'
    """
    return _rounded(float(value), (_checked(minus), _checked(plus)), False)


def significant(value: float, digits: int = 4) -> str:
    """Write a number that has no error in a few significant digits, in plain text.

    Args:
        value: Any number.
        digits: How many significant digits to keep; trailing zeros stay, so that columns align.

    Returns:
        The number, or an en dash where it is NaN.

    Example:
        >>> significant(1012.3456), significant(3.2e-21, 2), significant(float("nan"))
        ('1012', '3.2e-21', '–')
    """
    if math.isnan(value):
        return "–"
    shown = f"{value:#.{digits}g}"
    return shown.removesuffix(".")


def rounding_place(error: float) -> int:
    """Decimal place that the rule rounds to: -2 for hundredths, 0 for units, 2 for hundreds.

    Args:
        error: One standard deviation, positive and finite.

    Example:
        >>> rounding_place(0.354), rounding_place(0.355), rounding_place(0.95), rounding_place(15.0)
        (-2, -1, -1, 0)
    """
    decimal = _decimal(error)
    leading = decimal.scaleb(-decimal.adjusted())  # from 1 to 9.99…
    # Both 355–949 with one digit and 950–999, raised to 1000 with two, end at the leading place.
    return decimal.adjusted() - (1 if leading < Decimal("3.55") else 0)


def _rounded(value: float, errors: tuple[float, ...], is_symmetric: bool) -> Rounded:
    usable = [error for error in errors if math.isfinite(error) and error > 0]
    if usable:
        place = min(rounding_place(error) for error in usable)
        if math.isfinite(value) and value:
            # An error far below the value's own rounding cannot be shown beside it to its place.
            place = max(place, _decimal(value).adjusted() - _FLOAT_DIGITS + 1)
    else:
        place = _plain_place(value)
    quantized = [_quantize(number, place) for number in (value, *errors)]
    exponent = _common_exponent(quantized, place, bool(usable))
    digits = [_digits(number, exponent) for number in quantized]
    for index, error in enumerate(errors, start=1):
        if error > 0 and digits[index].strip("0.") == "":
            # Too small for the common place: it is written with an exponent of its own.
            digits[index] = f"{_decimal(error).scaleb(-exponent):.1e}"
    if not errors:
        return Rounded(_trimmed(digits[0]), exponent=exponent)
    if not usable:
        digits = [_trimmed(shown) for shown in digits]
    return Rounded(digits[0], digits[2], digits[1], exponent, is_symmetric)


def _plain_place(value: float) -> int:
    """Place of the last digit shown of a number without a usable error."""
    if not math.isfinite(value) or value == 0:
        return 0
    return _decimal(value).adjusted() - _PLAIN_DIGITS + 1


def _common_exponent(numbers: list[Decimal | float], place: int, has_error: bool) -> int:
    """Power of ten to pull out: none from 0.001 up to a million, unless zeros would pretend."""
    magnitudes = [n.adjusted() for n in numbers if isinstance(n, Decimal) and n]
    if not magnitudes:
        return 0
    largest = max(magnitudes)
    pretending = has_error and place >= 3  # 12000 ± 3000: the zeros are not known
    return largest if largest >= 6 or largest < -3 or pretending else 0


def _checked(error: float) -> float:
    error = float(error)
    if error < 0:
        raise InvalidOption(f"The error is {error}; give the positive size of one deviation.")
    return error


def _decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _quantize(number: float, place: int) -> Decimal | float:
    """Round half to even at a decimal place; what is not finite stays a float."""
    if not math.isfinite(number):
        return number
    return _decimal(number).quantize(Decimal(1).scaleb(place), context=_CONTEXT)


def _digits(number: Decimal | float, exponent: int) -> str:
    if not isinstance(number, Decimal):
        return str(number)
    shown = f"{number.scaleb(-exponent, context=_CONTEXT):f}"
    return shown.removeprefix("-") if not number else shown  # never "-0.00"


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _html_number(digits: str) -> str:
    return _with_power(digits, "×10<sup>{}</sup>").replace("inf", "∞").replace("-", "−")


def _latex_number(digits: str) -> str:
    shown = _with_power(digits, r" \times 10^{{{}}}")
    return shown.replace("nan", r"\mathrm{NaN}").replace("inf", r"\infty")


def _with_power(digits: str, power: str) -> str:
    """Write `1.0e-10`, an error too small for the common place, with a raised exponent."""
    mantissa, mark, own_exponent = digits.partition("e")
    return mantissa + power.format(int(own_exponent)) if mark else digits
