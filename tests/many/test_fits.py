"""What many fits give: columns, single fits, curves, tables and views."""

import sys

import numpy as np
import pytest

import surefit as sf
from tests.many.peaks import NOISE, peak, spectra

X, Y, _ = spectra(5)


@pytest.fixture(scope="module")
def fits():
    y = Y.copy()
    y[3, 0] = np.nan
    return sf.fit_many(X, y, peak, NOISE)


def test_columns_are_arrays_by_name(fits):
    assert len(fits) == 5
    for name in ("mean", "mean_error", "chi2", "pvalue", "ndof", "valid", "status", "rss"):
        assert fits[name].shape == (5,)
        assert name in list(fits)
    np.testing.assert_array_equal(fits["mean"], fits.values[:, 1])
    np.testing.assert_array_equal(fits["mean_error"], fits.errors[:, 1])


def test_an_unknown_column_names_the_known_ones(fits):
    with pytest.raises(sf.UnknownParameter, match="the columns are height, height_error"):
        fits["hight"]
    with pytest.raises(sf.InvalidType, match="not by slice"):
        fits[1:3]


def test_a_row_is_a_full_fit(fits):
    fit = fits[-1]
    assert isinstance(fit, sf.Fit)
    np.testing.assert_allclose(fit.chi2, fits["chi2"][4], rtol=1e-10)
    with pytest.raises(IndexError, match="no row 5"):
        fits.fit(5)


def test_curves_of_all_rows(fits):
    assert fits.predict([1.0, 2.0]).shape == (5, 2)
    assert np.isnan(fits.predict()[3]).all()
    np.testing.assert_allclose(fits.predict()[1], peak(X, *fits.values[1]), rtol=1e-12)


def test_a_data_frame_has_the_columns(fits):
    frame = fits.to_frame()
    assert list(frame.columns) == list(fits.names)
    assert frame["status"].tolist().count("bad_data") == 1
    assert frame["valid"].sum() == 4


def test_without_pandas_the_message_says_what_to_do(fits, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(sf.MissingDependency, match="pip install pandas"):
        fits.to_frame()


def test_the_text_says_how_many_can_be_trusted_and_why_not_the_others(fits):
    text = str(fits)
    assert text.startswith("peak: 5 fits of 60 points")
    assert "4 of 5 can be trusted" in text
    assert "1 bad data" in text
    assert "row 3: y has 1 value(s) that are NaN" in text
    assert max(map(len, text.splitlines())) <= 80
    assert repr(fits) == text


def test_the_notebook_view_says_the_same(fits):
    html = fits._repr_html_()
    assert "4 of 5 can be trusted" in html
    assert "<code>mean</code>" in html
    assert "bad data" in html


def stairs(x, edge, low, high):
    return np.where(x < edge, low, high)


@pytest.mark.parametrize(
    ("model", "why"),
    [(sf.Sigmoids(1), "grown unit by unit"), (stairs, "steps")],
    ids=["sigmoids", "stairs"],
)
def test_models_that_cannot_be_a_batch_are_fitted_one_by_one(model, why):
    x = np.linspace(0, 1, 30)
    y = np.where(x < 0.4, 1.0, 2.0) + 0.05 * np.random.default_rng(0).standard_normal((3, 30))
    y[1, 2] = np.nan
    many = sf.fit_many(x, y, model, 0.05)
    assert "One by one" in many.method
    assert why in many.method
    assert many.status[1] is sf.Status.bad_data
    single = sf.fit(x, y[2], model, 0.05)
    assert many["chi2"][2] == pytest.approx(single.chi2)
    assert many.predict()[2] == pytest.approx(single.predict(x))


def test_a_function_of_all_points_at_once_is_a_batch_where_lengths_agree():
    def smeared(x, height, rate):
        return height * np.cumsum(np.exp(-rate * x))

    x = np.linspace(0, 5, 40)
    y = smeared(x, 2.0, 0.7) + 0.1 * np.random.default_rng(0).standard_normal((3, 40))
    many = sf.fit_many(x, y, smeared, 0.1)
    assert "all rows at once" in many.method
    single = sf.fit(x, y[0], smeared, 0.1)
    assert many["rate"][0] == pytest.approx(single.values["rate"], rel=1e-7)
    lengths = (40, 39, 38, 37)
    ragged = sf.fit_many([x[:n] for n in lengths], [y[0][:n] for n in lengths], smeared, 0.1)
    assert "differ in length" in ragged.method
    assert ragged.valid.all()
