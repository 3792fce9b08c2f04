import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.exceptions import InvalidOption
from surefit.report.rounding import rounded, rounded_asymmetric, rounding_place, significant

NAN, INF = math.nan, math.inf

# Worked by hand from the rule: 100-354 two digits, 355-949 one, 950-999 up to 1000 and two.
# The first two lines are the Particle Data Group's own examples.
BY_HAND = [
    (0.827, 0.119, "0.83 ± 0.12"),
    (0.827, 0.367, "0.8 ± 0.4"),
    (1.0, 0.100, "1.00 ± 0.10"),
    (1.0, 0.354, "1.00 ± 0.35"),
    (1.0, 0.355, "1.0 ± 0.4"),
    (1.0, 0.949, "1.0 ± 0.9"),
    (1.0, 0.950, "1.0 ± 1.0"),
    (1.0, 0.999, "1.0 ± 1.0"),
    (1.5, 0.0963, "1.50 ± 0.10"),
    (9.996, 0.0951, "10.00 ± 0.10"),
    (123.456, 1.0, "123.5 ± 1.0"),
    (123.456, 12.0, "123 ± 12"),
    (123.456, 40.0, "120 ± 40"),
    (1234.5, 354.0, "1230 ± 350"),
    (1e-8, 5.0, "0 ± 5"),
    (-0.0001, 0.5, "0.0 ± 0.5"),
    (0.0, 0.1, "0.00 ± 0.10"),
    (-1.2345, 0.034, "-1.234 ± 0.034"),
    (2.5, 3.6, "2 ± 4"),  # half to even
]


@pytest.mark.parametrize(("value", "error", "shown"), BY_HAND)
def test_values_and_errors_follow_the_rule(value, error, shown):
    assert rounded(value, error).text() == shown


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (123456.0, 3700.0, "(1.23 ± 0.04)×10^5"),
        (123456.0, 1300.0, "123500 ± 1300"),
        (1.234e7, 5e4, "(1.234 ± 0.005)×10^7"),
        (-1.2e-7, 3e-9, "(-1.200 ± 0.030)×10^-7"),
        (1e-300, 1e-302, "(1.000 ± 0.010)×10^-300"),
        (5e-324, 5e-324, "(5 ± 5)×10^-324"),
        (1.7e308, 2e307, "(1.70 ± 0.20)×10^308"),
        (0.0012, 0.0004, "0.0012 ± 0.0004"),
        (3e-9, 2e-4, "(0.0 ± 2.0)×10^-4"),
    ],
)
def test_big_and_small_numbers_share_one_exponent(value, error, shown):
    assert rounded(value, error).text() == shown


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (5.25, NAN, "5.25 ± nan"),
        (5.25, INF, "5.25 ± inf"),
        (5.25, 0.0, "5.25 ± 0"),
        (1.23456789, 0.0, "1.23457 ± 0"),
        (NAN, 0.042, "nan ± 0.04"),
        (-INF, 0.042, "-inf ± 0.04"),
        (NAN, NAN, "nan ± nan"),
        (0.0, 0.0, "0 ± 0"),
        (1e10, 1e-10, "(1.0000000000000000 ± 1.0e-20)×10^10"),  # beyond the digits of a float
    ],
)
def test_errors_that_cannot_be_rounded_are_shown_as_they_are(value, error, shown):
    assert rounded(value, error).text() == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.23456789, "1.23457"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (2.0, "2"),
        (123456.7, "123457"),
        (1e9, "1×10^9"),
        (-1.5e-7, "-1.5×10^-7"),
        (NAN, "nan"),
    ],
)
def test_values_without_errors_show_six_digits_without_trailing_zeros(value, shown):
    assert rounded(value).text() == shown


@pytest.mark.parametrize(
    ("minus", "plus", "shown"),
    [
        (0.0421, 0.12, "1.23 +0.12 -0.04"),
        (0.12, 0.0421, "1.23 +0.04 -0.12"),
        (NAN, 0.12, "1.23 +0.12 -nan"),
        (0.12, INF, "1.23 +inf -0.12"),
        (0.0, 0.12, "1.23 +0.12 -0.00"),
    ],
)
def test_asymmetric_errors_round_to_the_smaller_one(minus, plus, shown):
    assert rounded_asymmetric(1.2345, minus, plus).text() == shown


def test_html_and_latex_write_powers_and_signs_properly():
    big = rounded(-123456.0, 3700.0)
    assert big.html() == "(−1.23&nbsp;±&nbsp;0.04)×10<sup>5</sup>"
    assert big.latex() == r"$(-1.23 \pm 0.04)\times 10^{5}$"
    assert big.unicode() == "(−1.23 ± 0.04)×10⁵"
    uneven = rounded_asymmetric(1.2345, 0.0421, INF)
    assert uneven.html() == "1.23<sup>+∞</sup><sub>−0.04</sub>"
    assert uneven.latex() == r"$1.23^{+\infty}_{-0.04}$"
    assert rounded(1.0, NAN).latex() == r"$1 \pm \mathrm{NaN}$"


def test_plain_text_prints_on_old_consoles():
    rounded(-1.2e-7, 3e-9).text().encode("cp1252")


def test_a_negative_error_is_refused():
    with pytest.raises(InvalidOption, match=r"The error is -1\.0; give the positive size"):
        rounded(1.0, -1.0)


def test_numpy_scalars_are_welcome():
    assert rounded(np.float64(0.827), np.float32(0.119)).text() == "0.83 ± 0.12"


def test_significant_keeps_trailing_zeros_and_marks_what_is_missing():
    assert [significant(v, 3) for v in (1.0, 123.4, 1234.0, 0.5, NAN)] == [
        "1.00",
        "123",
        "1.23e+03",
        "0.500",
        "–",
    ]


ERRORS = st.floats(min_value=1e-300, max_value=1e300)


@given(ERRORS)
def test_an_error_keeps_one_or_two_digits_and_moves_by_at_most_a_seventh(error):
    place = rounding_place(error)
    exact = Decimal(repr(error))
    kept = exact.quantize(Decimal(1).scaleb(place))
    assert kept.adjusted() - place in (0, 1)
    assert abs(kept / exact - 1) <= Decimal(1) / 7


@given(st.floats(min_value=-1e6, max_value=1e6), st.floats(min_value=1e-8, max_value=1e6))
def test_a_rounded_value_is_within_half_of_its_last_digit(value, error):
    shown = rounded(value, error)
    scale = Decimal(1).scaleb(shown.exponent)
    place = Decimal(1).scaleb(rounding_place(error))
    assert abs(Decimal(shown.value) * scale - Decimal(repr(value))) <= place / 2
    assert abs(Decimal(shown.plus) * scale - Decimal(repr(error))) <= place / 2
    decimals = [len(part.partition(".")[2]) for part in (shown.value, shown.plus)]
    assert decimals[0] == decimals[1]


@given(st.floats(), st.none() | st.floats(min_value=0.0) | st.just(NAN))
def test_every_float_can_be_shown_in_every_form(value, error):
    shown = rounded(value, error)
    for form in (shown.text(), shown.unicode(), shown.html(), shown.latex()):
        assert form
        assert len(form) < 100
