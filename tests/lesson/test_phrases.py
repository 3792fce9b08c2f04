import dataclasses

import numpy as np
import pytest

from surefit.lesson.attempt import Attempt
from surefit.lesson.phrases import HEADER, against, number, quality, row, small, times

ATTEMPT = Attempt("k", "a curve", "lesson", "luck", 204672.0, 2, 1000, 0.0123, False, np.sin)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (1279.0, 3679.0, "65 % below"),
        (1100.0, 1000.0, "10 % above"),
        (5000.0, 1000.0, "5 times"),
        (1000.0, 1000.0, "equal to"),
        (float("inf"), 1000.0, "not comparable with"),
    ],
)
def test_comparisons_read_well(first, second, words):
    assert against(first, second) == words


def test_times_are_compared_in_both_directions():
    assert times(0.5, 5.0) == "10 times faster than"
    assert times(5.0, 0.5) == "10 times slower than"
    assert times(1.0, 1.1) == "about as fast as"


def test_numbers_show_what_matters():
    assert (number(204672.3), number(55.04), number(float("inf"))) == ("204,672", "55", "infinite")
    assert (small(2e24), small(1e-15)) == ("2×10²⁴", "1×10⁻¹⁵")


def test_a_row_has_a_cell_for_each_heading_and_says_what_the_fitter_says():
    cells = row(ATTEMPT)
    assert len(cells) == len(HEADER)
    assert cells[3:6] == ("204,672", "205", "<\N{NO-BREAK SPACE}1e\N{NON-BREAKING HYPHEN}99")
    assert cells[-1] == "not valid"
    assert row(dataclasses.replace(ATTEMPT, is_valid=None))[-1] == "–"


def test_quality_is_a_formula():
    assert quality(ATTEMPT) == r"$\chi^2/\mathrm{ndof} = 204\,672/998$"
