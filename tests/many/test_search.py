"""What the search of many rows takes for doubtful."""

from types import SimpleNamespace

import numpy as np

from surefit.many.search import _lowest_of_each, _Run


def test_rows_far_above_the_others_are_outlying():
    ndof = np.full(2001, 50)
    value = np.random.default_rng(0).chisquare(50, 2001)
    value[0] = 50 + 4 * np.sqrt(2 * 50)
    run = SimpleNamespace(best=SimpleNamespace(value=value), ndof=ndof)
    found = _Run._is_outlying(run, 3.0)
    assert found[0]
    assert found.mean() < 0.01  # 0.3 % of that many chi-squares are beyond
    value[1] = np.inf
    assert _Run._is_outlying(run, 3.0)[1]


def test_lowest_of_each_row_is_the_first_of_equals():
    rows = np.array([2, 0, 2, 0, 2, 5])
    values = np.array([3.0, 1.0, 2.0, 1.0, 2.0, np.inf])
    assert _lowest_of_each(rows, values).tolist() == [1, 2, 5]
