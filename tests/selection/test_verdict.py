"""The verdict says no more than the numbers do."""

import math

import pytest

from surefit.report.comparison import ComparisonRow
from surefit.selection.verdict import verdict_on


def row(label, aicc, *, n_parameters=2, pvalue=0.5, is_valid=True):
    return ComparisonRow(label, 10.0, 10, pvalue, aicc, aicc, n_parameters, 0.1, is_valid)


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0.0, "The data cannot tell A and B apart (AICc within 0.0)"),
        (1.9, "The data cannot tell A and B apart (AICc within 1.9); the simplest of these is A."),
        (2.1, "The data prefer A: its AICc is 2.1 below that of B."),
        (12.0, "The data clearly prefer A: its AICc is 12.0 below that of B."),
        (math.inf, "There is nothing to compare A with."),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_wording_follows_the_difference(gap, expected, order):
    rows = [row("A", 100.0), row("B", 100.0 + gap, n_parameters=5)]
    assert verdict_on(rows[::order]).startswith(expected)


def test_a_better_fit_that_is_not_valid_does_not_win():
    verdict = verdict_on([row("A", 50.0, is_valid=False), row("B", 100.0), row("C", 110.0)])
    assert verdict == (
        "The data clearly prefer B: its AICc is 10.0 below that of C. 1 model was left out, as "
        "there is no fit of it that can be trusted."
    )
    assert verdict_on([row("A", 50.0, is_valid=False)]).startswith("No fit can be trusted")


def test_the_best_of_bad_models_is_called_bad():
    verdict = verdict_on([row("A", 50.0, pvalue=1e-9), row("B", 90.0, pvalue=1e-30)])
    assert "But A does not describe the data (p = 1e-09)" in verdict


def test_three_that_tie_are_all_named():
    verdict = verdict_on([row("A", 10.0), row("B", 11.0, n_parameters=1), row("C", 11.5)])
    assert "cannot tell A, B and C apart (AICc within 1.5); the simplest of these is B." in verdict
