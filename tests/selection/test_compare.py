"""Comparing models: the right one wins, with criteria that an independent fit confirms."""

import math

import numpy as np
import pytest
from scipy import stats

import surefit as sf
from surefit.selection.rows import row_of


@pytest.fixture
def parabola(rng):
    x = np.linspace(-1.0, 1.0, 60)
    return x, 1.0 - 2.0 * x + 1.5 * x**2 + rng.normal(scale=0.1, size=60)


MODELS = (sf.Constant(), sf.Line(), sf.Polynomial(2), sf.Polynomial(3), sf.Polynomial(8))


def test_the_model_that_made_the_data_wins_and_the_rows_are_sorted(parabola):
    result = sf.compare(*parabola, MODELS, yerr=0.1)
    assert len(result.fits) == 5
    assert str(result.best.model).startswith("Polynomial(2")
    aicc = [row.aicc for row in result.rows]
    assert aicc == sorted(aicc)
    assert result.rows[-1].label == "Constant()"
    assert "Polynomial(2)" in result.verdict
    assert result.verdict in " ".join(str(result).split())
    assert "Polynomial(2)" in result._repr_html_()


@pytest.mark.parametrize("yerr", [0.1, None])
def test_criteria_agree_with_the_log_likelihood_of_an_independent_fit(parabola, yerr):
    x, y = parabola
    result = sf.compare(x, y, MODELS, yerr=yerr)
    n, found, expected = len(x), [], []
    for one, degree in zip(result.fits, (0, 1, 2, 3, 8), strict=True):
        residuals = y - np.polynomial.Polynomial.fit(x, y, degree)(x)
        k = degree + 1 + (yerr is None)
        scale = yerr if yerr is not None else np.sqrt(np.mean(residuals**2))
        log_likelihood = stats.norm.logpdf(residuals, scale=scale).sum()
        expected.append((2 * k * n / (n - k - 1), k * np.log(n)) - 2 * log_likelihood)
        row = row_of(one, "one")
        found.append((row.aicc, row.bic))
        assert row.n_parameters == degree + 1
    np.testing.assert_allclose(np.diff(found, axis=0), np.diff(expected, axis=0), rtol=1e-8)


def test_a_model_that_cannot_be_fitted_has_a_row_that_says_why(parabola):
    x, y = parabola
    result = sf.compare(x[:6], y[:6], [sf.Line(), sf.Polynomial(20)], yerr=0.1)
    assert len(result.fits) == 1
    failed = result.rows[-1]
    assert failed.label == "Polynomial(20)"
    assert "21 distinct x" in failed.note
    assert not failed.is_valid
    assert math.isnan(failed.aicc)
    assert "1 model was left out" in result.verdict
    with pytest.raises(sf.TooFewPoints, match="21"):
        sf.compare(x[:6], y[:6], [sf.Polynomial(20)])


def test_functions_may_be_compared_with_models(parabola):
    def bowl(x, a, b):
        return a + b * x**2

    result = sf.compare(*parabola, [sf.Line(), bowl], yerr=0.1)
    assert [str(one.model) for one in result.fits] == ["Line()", "bowl"]


def test_curves_are_drawn_over_each_other(parabola):
    figure = sf.compare(*parabola, MODELS[:3], yerr=0.1).plot(x_label="t", title="three")
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert {"Constant()", "Line()", "Polynomial(2)"} <= set(labels)


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ([], sf.InvalidOption, "models is empty"),
        (sf.Line(), sf.InvalidType, "models is Line; pass a list"),
        ("line", sf.InvalidType, "models is str; pass a list"),
        (3, sf.InvalidType, "models is int; pass a list"),
        ([sf.Line(), 3], sf.InvalidType, "The model is a int"),
    ],
)
def test_what_are_no_models_is_refused(models, error, message, parabola):
    with pytest.raises(error, match=message):
        sf.compare(*parabola, models)


def test_bad_data_are_refused_before_any_fit():
    with pytest.raises(sf.NotFinite, match="y has 1 value"):
        sf.compare([1, 2, 3], [1, np.nan, 3], [sf.Line()])


def test_the_difference_of_points_left_out_is_paired_and_says_how_sure(parabola):
    result = sf.compare(*parabola, MODELS, yerr=0.1)
    rows = {row.label: row for row in result.rows}
    best, other = (one.leave_one_out() for one in result.fits[2:0:-1])
    apart = other.pointwise - best.pointwise
    assert rows["Line()"].left_out.gap == pytest.approx(apart.sum())
    assert rows["Line()"].left_out.gap_error == pytest.approx(np.sqrt(60 * np.var(apart, ddof=1)))
    assert rows["Polynomial(2)"].left_out.gap == 0
    assert "Points left out" in result.verdict
    weights = [row.weight for row in result.rows]
    assert sum(weights) == pytest.approx(1)
    deltas = np.array([row.aicc - result.rows[0].aicc for row in result.rows])
    np.testing.assert_allclose(weights, np.exp(-deltas / 2) / np.exp(-deltas / 2).sum())
    assert "dLOO" in str(result)
    assert "ΔLOO" in result._repr_html_()
    assert max(map(len, str(result).splitlines())) <= 80


def test_cross_validation_takes_the_same_folds_for_all(parabola):
    result = sf.compare(*parabola, MODELS[1:3], yerr=0.1, folds=6)
    found = [entry.validation for entry in result.entries]
    assert (found[0].fold == found[1].fold).all()
    alone = sf.cross_validate(*parabola, sf.Line(), 0.1, folds=6)
    row = result.rows[1]
    assert row.validated.value == pytest.approx(alone.mean)
    assert row.validated.error == pytest.approx(alone.standard_error)
    assert row.validated.gap == pytest.approx(found[0].mean - found[1].mean)
    assert " CV" in str(result)


def test_robust_losses_are_compared_by_cross_validation_alone(parabola):
    x, y = parabola
    y = y.copy()
    y[::20] += 5.0
    with pytest.raises(sf.InvalidOption, match="pass folds=10"):
        sf.compare(x, y, MODELS[:3], yerr=0.1, loss=sf.Huber())
    result = sf.compare(x, y, MODELS[:3], yerr=0.1, loss=sf.Huber(), folds=10)
    assert all(math.isnan(row.aicc) for row in result.rows)
    assert str(result.best.model).startswith("Polynomial(2")
    assert "Cross-validation" in result.verdict


def test_counts_are_compared_by_their_likelihood():
    rng, x = np.random.default_rng(2), np.linspace(0.0, 1.0, 40)
    counts = rng.poisson(20 * np.exp(-2 * x))

    def decay(x, height, rate):
        return height * np.exp(-rate * x)

    result = sf.compare(x, counts, [sf.Constant(), decay], loss=sf.Poisson())
    assert result.rows[0].label == "decay"
    assert result.rows[1].left_out.gap > 20
