"""Parts and folds hold every point once, the same each time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surefit as sf
from surefit.data.checked import check_data
from surefit.data.splits import RandomFolds, StratifiedFolds, arrays_of, taken


@given(n=st.integers(5, 60), k=st.integers(2, 5), key=st.integers(0, 9))
def test_each_point_is_in_one_fold_and_folds_are_of_one_size(n, k, key):
    data = check_data(np.arange(n)[::-1], np.zeros(n))
    for folds in (RandomFolds(k), StratifiedFolds(k)):
        assigned = folds.assign(data, np.random.default_rng(key))
        sizes = np.bincount(assigned, minlength=k)
        assert sizes.sum() == n
        assert np.ptp(sizes) <= 1
        assert (assigned == folds.assign(data, np.random.default_rng(key))).all()


def test_stratified_folds_never_leave_a_gap_of_neighbors():
    x = np.random.default_rng(0).uniform(size=200)
    fold = StratifiedFolds(10).assign(check_data(x, x), np.random.default_rng(0))
    in_order = fold[np.argsort(x)].reshape(20, 10)
    assert (np.sort(in_order, axis=1) == np.arange(10)).all()


def test_parts_hold_every_point_once_with_its_error():
    x = np.arange(50.0)
    parts = sf.split(x, 2 * x, 3 * x + 1, validation=0.3, test=0.1, key=4)
    assert [len(part.x) for part in parts] == [30, 15, 5]
    assert np.array_equal(np.sort(np.concatenate([part.x for part in parts])), x)
    for part in parts:
        assert np.array_equal(part.y, 2 * part.x)
        assert np.array_equal(part.yerr, 3 * part.x + 1)
    again = sf.split(x, 2 * x, validation=0.3, test=0.1, key=4)
    assert np.array_equal(again.test.x, parts.test.x)
    assert again.test.yerr is None


def test_a_part_keeps_its_block_of_a_covariance():
    covariance = np.diag([1.0, 2.0, 3.0]) + 0.1
    data = taken(check_data([1, 2, 3], [4, 5, 6], covariance), np.array([True, False, True]))
    assert np.array_equal(data.noise.covariance, covariance[np.ix_([0, 2], [0, 2])])
    assert np.array_equal(arrays_of(data).yerr, data.noise.covariance)
    assert arrays_of(data).y.tolist() == [4.0, 6.0]


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"validation": 0.6, "test": 0.4}, "leave no points"),
        ({"validation": -0.1}, "leave no points"),
        ({"validation": 0.01}, "leave a part without any"),
    ],
)
def test_shares_that_leave_nothing_are_refused(shares, message):
    with pytest.raises(sf.InvalidOption, match=message):
        sf.split(range(10), range(10), **shares)
