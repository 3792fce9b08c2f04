"""Cross-validation against scikit-learn, leave-one-out, and what it is an estimate of."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict, cross_val_score
from sklearn.preprocessing import PolynomialFeatures

import surefit as sf


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


@pytest.fixture
def sample(rng):
    x = rng.uniform(0.0, 1.0, 60)
    return x, decay(x, 2.0, 0.3, 0.5) + rng.normal(scale=0.1, size=60)


@pytest.mark.parametrize("refits", [sf.Cold(), sf.Warm()])
@pytest.mark.parametrize("folds", [5, sf.RandomFolds(7), 60])
def test_errors_are_those_of_scikit_learn(sample, folds, refits):
    x, y = sample
    powers = PolynomialFeatures(3).fit_transform(x[:, None])
    line = LinearRegression(fit_intercept=False)
    for yerr in (0.1, None):
        found = sf.cross_validate(x, y, sf.Polynomial(3), yerr, folds=folds, refits=refits)
        same = PredefinedSplit(found.fold)
        expected = cross_val_predict(line, powers, y, cv=same)
        np.testing.assert_allclose(found.predictions[:, 0], expected, rtol=1e-6)
        scores = -cross_val_score(line, powers, y, cv=same, scoring="neg_mean_squared_error")
        unit = 1.0 if yerr is None else yerr**2
        np.testing.assert_allclose(found.fold_errors * unit, scores, rtol=1e-6)
        spread = np.std(scores, ddof=1) / np.sqrt(len(scores)) / unit
        assert found.standard_error == pytest.approx(spread, rel=1e-6)
        assert found.n_untrusted == 0


def test_as_many_folds_as_points_are_leave_one_out(sample):
    fit = sf.fit(*sample, decay, 0.1)
    found = sf.cross_validate(fit, folds=60, refits=sf.Warm())
    np.testing.assert_allclose(found.residuals, fit.leave_one_out().residuals, atol=1e-3)
    assert found.deviance == pytest.approx(fit.leave_one_out().deviance, rel=0.05)


def test_what_is_known_of_the_parameters_is_known_in_every_fold(sample):
    x, y = sample
    known = {"bounds": {"c": (0.6, None)}, "ties": {"a": "4*c"}}
    fit = sf.fit(x, y, decay, 0.1, **known)
    found = sf.cross_validate(fit, folds=5)
    kept = found.fold != 2
    again = sf.fit(x[kept], y[kept], decay, 0.1, **known)
    np.testing.assert_allclose(found.predictions[~kept, 0], again.predict(x[~kept]), rtol=1e-6)
    given = sf.cross_validate(x, y, decay, 0.1, folds=5, **known)
    np.testing.assert_allclose(given.predictions, found.predictions, rtol=1e-6)


def test_losses_measure_points_left_out_as_they_do_fitted_ones(sample):
    x, y = sample
    loss = sf.Huber()
    found = sf.cross_validate(x, y, sf.Line(), 0.1, loss=loss, folds=5)
    expected = loss.rho(found.residuals[:, 0] / 0.1)
    np.testing.assert_allclose(found.errors, expected)
    counts = np.random.default_rng(0).poisson(5.0, 60)
    rate = sf.cross_validate(
        *(x, counts, sf.Constant()), loss=sf.Poisson(), folds=60, refits=sf.Warm()
    )
    np.testing.assert_allclose(rate.predictions[:, 0], (counts.sum() - counts) / 59, rtol=1e-5)


@pytest.mark.slow
def test_it_estimates_the_error_on_new_data_within_its_standard_error():
    rng = np.random.default_rng(8)
    deviations = []
    for _ in range(300):
        x = rng.uniform(size=80)
        y = np.sin(6 * x) + rng.normal(scale=0.2, size=80)
        found = sf.cross_validate(x, y, sf.Polynomial(4), 0.2, folds=10)
        fit = sf.fit(x, y, sf.Polynomial(4), 0.2)
        new = rng.uniform(size=4000)
        error = 1 + np.mean((fit.predict(new) - np.sin(6 * new)) ** 2) / 0.2**2
        deviations.append((found.mean - error) / found.standard_error)
    # Nine tenths of the points leave 0.6 more parameters' worth of error; and the standard error
    # of ten folds is itself known to a quarter.
    assert abs(np.mean(deviations)) < 0.2
    assert 0.9 < np.std(deviations) < 1.35


def test_it_prints_and_shows_itself(sample):
    found = sf.cross_validate(*sample, sf.Line(), 0.1, folds=5)
    text = str(found)
    assert (
        "Cross-validation of Line(): 5 folds spread over x, each fitted from nowhere"
        in " ".join(text.split())
    )
    assert "5 of 5" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Cross-validation" in found._repr_html_()


def test_wrong_use_is_refused(sample):
    x, y = sample
    fit = sf.fit(x, y, sf.Line(), 0.1)
    with pytest.raises(sf.InvalidOption, match="folds is 1; give a whole number from 2"):
        sf.cross_validate(fit, folds=1)
    with pytest.raises(sf.InvalidOption, match="either a fit, or x, y and a model"):
        sf.cross_validate(fit, y)
    with pytest.raises(sf.InvalidType, match="got ndarray alone"):
        sf.cross_validate(x)
    with pytest.raises(sf.InvalidType, match=r"pass sf\.Cold"):
        sf.cross_validate(fit, refits="warm")
    with pytest.raises(sf.TooFewPoints, match=r"Without fold . of 2 there are 3 values for"):
        sf.cross_validate(x[:6], y[:6], sf.Polynomial(4), 0.1, folds=2)
    correlated = sf.fit(x, y, sf.Line(), 0.01 * (np.eye(60) + 0.5))
    with pytest.raises(sf.NotAvailable, match="errors on y are correlated"):
        sf.cross_validate(correlated)

    def smooth(x, a, b):
        return a + b * np.convolve(x, np.ones(3) / 3, "same")

    with pytest.raises(sf.NotAvailable, match="needs all points at once"):
        sf.cross_validate(sf.fit(x, y, smooth, 0.1))


def test_edges_move_when_points_are_left_out(sample):
    def edge(x, a, b, c):
        return np.where(x < a, b, c)

    x, y = sample
    fit = sf.fit(x, y, edge, 0.1)
    warm, cold = (sf.cross_validate(fit, folds=5, refits=how) for how in (sf.Warm(), sf.Cold()))
    assert warm.mean == pytest.approx(cold.mean, rel=0.2)
