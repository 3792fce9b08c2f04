"""Leaving points out by formula is what refitting without them gives."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.preprocessing import PolynomialFeatures

import surefit as sf
from surefit.uncertainty.leave_one_out.pareto import generalized_pareto, smoothed_weights


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


@pytest.fixture
def sample(rng):
    x = np.sort(rng.uniform(0.0, 1.0, 30))
    return x, decay(x, 2.0, 0.3, 0.5) + rng.normal(scale=0.1, size=30)


def test_predictions_of_a_linear_model_are_scikit_learns(sample):
    x, y = sample
    powers = PolynomialFeatures(3).fit_transform(x[:, None])
    expected = cross_val_predict(LinearRegression(fit_intercept=False), powers, y, cv=LeaveOneOut())
    for yerr in (0.1, None):
        found = sf.fit(x, y, sf.Polynomial(3), yerr).leave_one_out()
        np.testing.assert_allclose(y - found.residuals[:, 0], expected, rtol=1e-9)
        assert found.rmse == pytest.approx(np.sqrt(np.mean((y - expected) ** 2)))


def test_two_outputs_of_a_point_are_left_out_together(sample):
    x, y = sample
    both = np.stack([y, y**2], axis=1)
    yerr = np.array([[0.1, 0.3]])
    found = sf.fit(x, both, sf.Line(), np.broadcast_to(yerr, both.shape)).leave_one_out()
    expected = cross_val_predict(LinearRegression(), x[:, None], both, cv=LeaveOneOut())
    np.testing.assert_allclose(both - found.residuals, expected, rtol=1e-9)


def evidence(x, y, cov, degree, prior):
    """ln of the exact evidence of a linear model with a normal prior on its coefficients."""
    columns = np.vander(x, degree + 1)
    return stats.multivariate_normal.logpdf(y, cov=cov + prior**2 * columns @ columns.T)


@pytest.mark.parametrize("is_correlated", [False, True])
def test_densities_are_ratios_of_exact_evidences_under_a_very_wide_prior(sample, is_correlated):
    x, y = sample[0][:12], sample[1][:12]
    cov = 0.1**2 * np.eye(12)
    if is_correlated:
        cov += 0.05**2 * np.exp(-10 * np.abs(x[:, None] - x))
    given = cov if is_correlated else 0.1
    found = sf.fit(x, y, sf.Polynomial(2), given).leave_one_out().pointwise
    whole = evidence(x, y, cov, 2, 1e3)
    own = 1 / np.diag(np.linalg.inv(cov))
    for i in range(12):
        kept = np.arange(12) != i
        others = evidence(x[kept], y[kept], cov[np.ix_(kept, kept)], 2, 1e3)
        expected = -2 * (whole - others) - np.log(2 * np.pi * own[i])
        assert found[i] == pytest.approx(expected, abs=2e-3)


def test_densities_without_errors_are_students(sample):
    x, y = sample
    found = sf.fit(x, y, sf.Polynomial(2)).leave_one_out().pointwise
    for i in range(len(x)):
        kept = np.arange(len(x)) != i
        columns = np.vander(x, 3)
        values, rss, *_ = np.linalg.lstsq(columns[kept], y[kept], rcond=None)
        ndof = len(x) - 1 - 3
        inverse = np.linalg.inv(columns[kept].T @ columns[kept])
        scale = np.sqrt(rss[0] / ndof * (1 + columns[i] @ inverse @ columns[i]))
        density = stats.t.logpdf(y[i], ndof, columns[i] @ values, scale)
        assert found[i] == pytest.approx(-2 * density - 1 - np.log(2 * np.pi))


def test_a_curved_model_agrees_with_refits_of_every_point(sample):
    x, y = sample
    fit = sf.fit(x, y, decay, 0.1)
    found = fit.leave_one_out()
    refits = []
    for i in range(len(x)):
        kept = np.arange(len(x)) != i
        refits.append(y[i] - sf.fit(x[kept], y[kept], decay, 0.1).predict(x[i])[0])
    np.testing.assert_allclose(found.residuals[:, 0], refits, atol=0.01 * 0.1)
    assert found.is_reliable
    assert "by refitting" in str(found)
    assert found.effective_parameters == pytest.approx(3, abs=1.5)


def test_counts_are_weighted_as_the_exact_posterior_has_them(rng):
    """The rate of a constant has a gamma distribution, so that each density is known."""
    counts = rng.poisson(4.0, 25)
    found = sf.fit(np.arange(25.0), counts, sf.Constant(), loss=sf.Poisson()).leave_one_out()
    own = stats.poisson.logpmf(counts, np.where(counts > 0, counts, 1e-300))
    others = counts.sum() - counts
    expected = -2 * (stats.nbinom.logpmf(counts, others + 1, 24 / 25) - own)
    # One standard deviation from 4000 draws is 0.02 for the point that is weighted most.
    np.testing.assert_allclose(found.pointwise, expected, atol=0.08)
    assert found.deviance == pytest.approx(expected.sum(), abs=0.1)
    assert found.pareto_k.max() < 0.5
    assert "largest Pareto k" in found._repr_html_()


@pytest.mark.parametrize("shape", [0.1, 0.5, 0.9])
def test_the_tails_shape_is_found_as_by_maximum_likelihood(shape):
    rng = np.random.default_rng(3)
    excess = np.sort(stats.genpareto.rvs(shape, scale=2.0, size=4000, random_state=rng))
    found, scale = generalized_pareto(excess)
    expected, _, expected_scale = stats.genpareto.fit(excess, floc=0)
    assert found == pytest.approx(expected, abs=0.01)
    assert scale == pytest.approx(expected_scale, rel=0.02)


def test_smoothing_leaves_a_mean_right_and_tells_when_it_cannot():
    """Weights of exponential draws with mean 1 for a mean of 1/r have a tail of shape 1 − r.

    For r above 1 they are bounded, with a density at their largest: a tail of shape −1.
    """
    rng = np.random.default_rng(4)
    draws = rng.exponential(size=20_000)
    for rate, is_reliable in ((1.5, True), (0.6, True), (0.1, False)):
        weights, shape = smoothed_weights((1 - rate) * draws)
        assert np.exp(weights).sum() == pytest.approx(1)
        assert shape == pytest.approx(1 - rate if rate < 1 else -1, abs=0.2)
        assert (shape < 0.7) == is_reliable
        if is_reliable:
            assert np.sum(np.exp(weights) * draws) == pytest.approx(1 / rate, rel=0.05)


def test_what_has_no_formula_says_why(sample):
    x, y = sample

    def edge(x, a, b, c):
        return np.where(x < a, b, c)

    with pytest.raises(sf.NotAvailable, match="The fit has steps"):
        sf.fit(x, y, edge, 0.1).leave_one_out()
    with pytest.raises(sf.NotAvailable, match=r"Huber\(\) is no likelihood"):
        sf.fit(x, y, sf.Line(), 0.1, loss=sf.Huber()).leave_one_out()
    alone = np.append(np.zeros(5), 1.0)
    with pytest.raises(sf.NotAvailable, match="passes through point 5"):
        sf.fit(alone, y[:6], sf.Line(), 0.1).leave_one_out()


def test_parameters_at_a_limit_are_held(sample):
    x, y = sample
    fit = sf.fit(x, y, sf.Line(), 0.1, bounds={"slope": (-1.0, None)})
    held = sf.fit(x, y, sf.Line(), 0.1, fixed={"slope": -1.0}).leave_one_out()
    np.testing.assert_allclose(fit.leave_one_out().pointwise, held.pointwise, rtol=1e-6)
