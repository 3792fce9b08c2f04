"""The data of many fits: shapes, and rows that cannot be fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import surefit as sf
from surefit.many.rows import check_samples
from tests.many.peaks import NOISE, peak, spectra

X, Y, _ = spectra(6)


def test_a_bad_row_has_a_message_and_does_not_stop_the_others():
    y, yerr = Y.copy(), np.full(Y.shape, NOISE)
    y[1, 7], y[2, :], yerr[4, 0] = np.nan, np.inf, 0.0
    fits = sf.fit_many(X, y, peak, yerr)
    good = np.array([0, 3, 5])
    assert fits.valid[good].all()
    assert list(np.flatnonzero(~fits.valid)) == [1, 2, 4]
    assert {fits.status[row] for row in (1, 2, 4)} == {sf.Status.bad_data}
    assert "NaN or infinite, the first at index 7" in fits.messages[1]
    assert "not positive finite" in fits.messages[4]
    assert np.isnan(fits.values[[1, 2, 4]]).all()
    assert fits.ndof[1] == 0
    whole = sf.fit_many(X, Y, peak, NOISE)
    unit = whole.errors[good]
    np.testing.assert_allclose(fits.values[good] / unit, whole.values[good] / unit, atol=1e-7)
    with pytest.raises(sf.NotFinite, match="index 7"):
        fits.fit(1)


def test_the_message_of_a_short_row_is_that_of_a_single_fit():
    fits = sf.fit_many([X, X[:3]], [Y[0], Y[1][:3]], peak, NOISE)
    assert "5 free parameters but there are only 3" in fits.messages[1]
    assert fits.status[1] is sf.Status.bad_data


def test_rows_of_x_and_y_of_different_lengths_are_bad_rows_in_a_list():
    fits = sf.fit_many([X, X[:50]], [Y[0], Y[1]], peak, NOISE)
    assert "x has 50 points but y has 60" in fits.messages[1]


def test_masked_points_of_a_list_are_left_out():
    masked = np.ma.masked_array(Y[0], np.arange(60) == 5)
    fits = sf.fit_many([X, X], [masked, Y[1]], peak, NOISE)
    single = sf.fit(np.delete(X, 5), np.delete(Y[0], 5), peak, NOISE)
    np.testing.assert_allclose(fits["chi2"][0], single.chi2, rtol=1e-9)
    assert fits.ndof[0] == 54


@pytest.mark.parametrize(
    ("x", "y", "yerr", "match"),
    [
        (X, Y[0], NOISE, "pass shape"),
        (X[:9], Y, NOISE, "X has shape"),
        (np.tile(X, (5, 1)), Y, NOISE, "X has shape"),
        ([X] * 5, list(Y), NOISE, "X has"),
        (X, Y, np.ones(60), "one for each row"),
        (X, Y, [NOISE] * 5, "one for each row"),
        (X, Y, np.ones((6, 59)), "pass a scalar"),
    ],
)
def test_shapes_that_do_not_fit_together_are_refused(x, y, yerr, match):
    with pytest.raises(sf.ShapeMismatch, match=match):
        sf.fit_many(x, y, peak, yerr)


def test_masked_arrays_of_rows_are_refused():
    with pytest.raises(sf.InvalidType, match="list of arrays"):
        sf.fit_many(X, np.ma.masked_greater(Y, 5), peak, NOISE)


def test_words_are_refused():
    with pytest.raises(sf.InvalidType, match=r"Y\[0\] holds strings"):
        sf.fit_many(X, [["a"] * 60], sf.Line())


def test_nothing_that_can_be_fitted_is_an_error():
    with pytest.raises(sf.DataError, match=r"No row can be fitted\. Row 0: y has 60 value"):
        sf.fit_many(X, Y * np.nan, peak, NOISE)


shapes = st.tuples(st.integers(1, 4), st.integers(2, 9))
# Not so small that squares leave the range of 64-bit numbers, which is refused.
numbers = st.floats(-9, 9).map(lambda number: round(number, 6))


@given(shapes.flatmap(lambda s: arrays.arrays(float, s, elements=numbers)), st.data())
def test_every_way_to_give_the_same_rows_is_the_same(y, data):
    k, n = y.shape
    x = np.arange(n, dtype=float)
    shared = check_samples(x, y, 0.5)
    as_x = data.draw(st.sampled_from([x, np.tile(x, (k, 1)), [x] * k, [list(x)] * k]))
    as_y = data.draw(st.sampled_from([y, list(y), y.tolist()]))
    as_yerr = data.draw(
        st.sampled_from([0.5, np.full(k, 0.5), np.full((k, n), 0.5), [np.full(n, 0.5)] * k])
    )
    other = check_samples(as_x, as_y, as_yerr)
    assert len(other) == k
    assert other.messages == shared.messages
    for row in range(k):
        one, two = shared.data(row), other.data(row)
        np.testing.assert_array_equal(one.x, two.x)
        np.testing.assert_array_equal(one.y, two.y)
        np.testing.assert_array_equal(one.noise.sigma, two.noise.sigma)
