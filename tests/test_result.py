"""The result: honest numbers, readable views, a file that brings everything back."""

import json

import numpy as np
import pytest
import scipy.stats

import surefit as sf

RNG = np.random.default_rng(0)
X = np.sort(RNG.uniform(-1, 3, 40))
Y = 1 + 2 * X + RNG.normal(0, 0.2, 40)


def wave(x, height, frequency):
    return height * np.sin(frequency * x)


def models():
    return [
        sf.Line(),
        sf.Plane(),
        sf.Polynomial(3),
        sf.Chebyshev(4),
        sf.Jacobi(3, 0.5, 1.5),
        sf.Fourier(2, period=5.0),
        sf.Line() + sf.Fourier(1).named("wave"),
    ]


@pytest.mark.parametrize("model", models(), ids=str)
@pytest.mark.parametrize("yerr", [0.2, None])
def test_a_saved_fit_comes_back_digit_by_digit(model, yerr, tmp_path):
    fit = sf.fit(X, Y, model, yerr)
    fit.save(tmp_path / "fit.json")
    again = sf.load(tmp_path / "fit.json")
    assert str(again) == str(fit)
    assert again.model == fit.model
    assert dict(again.values) == dict(fit.values)
    np.testing.assert_array_equal(again.covariance, fit.covariance)
    np.testing.assert_array_equal(again.predict(X), fit.predict(X))
    np.testing.assert_array_equal(again.band(X), fit.band(X))
    assert again.status is fit.status
    assert again.evidence == fit.evidence or np.isnan(fit.evidence.gap)


def test_a_function_comes_back_with_its_numbers_and_says_that_it_cannot_predict(tmp_path):
    fit = sf.fit(X, wave(X, 2, 3), wave, 0.1)
    fit.save(tmp_path / "fit.json")
    again = sf.load(tmp_path / "fit.json")
    assert dict(again.values) == dict(fit.values)
    assert again.chi2 == fit.chi2
    assert str(again.model) == "wave"
    with pytest.raises(sf.NotAvailable, match="files never carry code"):
        again.predict(X)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d.pop("working"), "damaged"),
        (lambda d: d.update(format="other"), "not a fit"),
        (lambda d: d.update(version=99), "Update surefit"),
        (lambda d: d.update(working=[1.0]), "damaged"),
        (lambda d: d.update(status="great"), "damaged"),
        (lambda d: d.update(loss="import os"), "unknown loss"),
    ],
)
def test_a_damaged_file_is_refused_with_a_reason(change, match, tmp_path):
    path = tmp_path / "fit.json"
    sf.fit(X, Y, sf.Line(), 0.2).save(path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(sf.FileProblem, match=match):
        sf.load(path)


def test_errors_correlations_and_pvalue_of_a_line_are_the_textbooks():
    fit = sf.fit(X, Y, sf.Line(), 0.2)
    columns = np.column_stack([np.ones(40), X])
    covariance = 0.04 * np.linalg.inv(columns.T @ columns)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-10)
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert fit.correlation[0, 1] == pytest.approx(expected)
    assert fit.pvalue == pytest.approx(scipy.stats.chi2.sf(fit.chi2, 38))


def test_the_band_of_a_line_is_the_textbooks_also_with_students_t():
    new = np.array([-2.0, 0.0, 5.0])
    columns = np.column_stack([np.ones(40), X])
    at = np.column_stack([np.ones(3), new])
    shape = np.sqrt(np.einsum("ni,ij,nj->n", at, np.linalg.inv(columns.T @ columns), at))
    known = sf.fit(X, Y, sf.Line(), 0.2)
    lower, upper = known.band(new, 0.95)
    half = scipy.stats.norm.ppf(0.975) * 0.2 * shape
    np.testing.assert_allclose(upper - lower, 2 * half, rtol=1e-10)
    estimated = sf.fit(X, Y, sf.Line())
    lower, upper = estimated.band(new, 0.95)
    half = scipy.stats.t.ppf(0.975, 38) * np.sqrt(estimated.rss / 38) * shape
    np.testing.assert_allclose(upper - lower, 2 * half, rtol=1e-10)
    np.testing.assert_allclose((upper + lower) / 2, estimated.predict(new))


@pytest.mark.slow
def test_pulls_of_an_ansatz_have_unit_width_over_toys():
    rng = np.random.default_rng(5)
    pulls = []
    for _ in range(400):
        y = wave(X, 2, 3) + rng.normal(0, 0.2, 40)
        fit = sf.fit(X, y, wave, 0.2, bounds={"height": (0, None), "frequency": (2, 4)})
        pulls.append(
            [
                (fit.values["height"] - 2) / fit.errors["height"],
                (fit.values["frequency"] - 3) / fit.errors["frequency"],
            ]
        )
    pulls = np.array(pulls)
    # Four standard errors of the mean, and of the width, of 400 normal pulls.
    assert np.all(np.abs(pulls.mean(axis=0)) < 4 / np.sqrt(400))
    assert np.all(np.abs(pulls.std(axis=0) - 1) < 4 / np.sqrt(800))


def test_views_show_the_numbers_and_escape_names():
    fit = sf.fit(X, Y, sf.Line(), 0.2)
    assert "slope" in str(fit)
    assert "chi2/ndof" in str(fit)
    html = fit._repr_html_()
    assert "slope" in html
    assert "<script" not in html
    assert repr(fit) == str(fit)


def test_the_plot_has_data_curve_band_and_pulls(tmp_path):
    figure = sf.fit(X, Y, sf.Line(), 0.2).plot(x_label="t (s)", y_label="h (m)", title="Line")
    assert len(figure.axes) == 2
    assert figure.axes[1].get_xlabel() == "t (s)"
    figure.savefig(tmp_path / "fit.png")
    assert (tmp_path / "fit.png").stat().st_size > 10_000


def test_a_plot_of_several_inputs_is_refused():
    x = RNG.normal(size=(30, 2))
    fit = sf.fit(x, x.sum(axis=1), sf.Plane(), 0.1)
    with pytest.raises(sf.NotAvailable, match="one input and one output"):
        fit.plot()


def test_a_conversion_that_would_lose_the_digits_is_refused_but_the_curve_stands():
    x = np.random.default_rng(1).uniform(0, 1, 500)
    y = np.exp(-x) * np.cos(20 * x)
    fit = sf.fit(x, y, sf.Polynomial(50), 0.01)
    assert all(np.isnan(value) for value in fit.values.values())
    assert "digits" in str(fit)
    np.testing.assert_allclose(fit.predict(x), y, atol=1e-9)
    assert np.isfinite(fit.band(x)).all()


def test_the_predictions_keep_the_shape_of_y():
    x = RNG.normal(size=(30, 2))
    y = x @ [[1.0], [2.0]]
    assert sf.fit(x, y, sf.Plane(), 0.1).predict(x).shape == (30, 1)
    assert sf.fit(x, y[:, 0], sf.Plane(), 0.1).predict(x).shape == (30,)
    assert sf.fit(X, Y, sf.Line(), 0.1).predict(2.0).shape == (1,)
