"""Goodness of fit: probabilities against honest refits, influence against leaving points out."""

import numpy as np
import pytest

import surefit as sf


def line(seed=0, n=200, noise=0.1):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 1, n))
    return x, 1 + 2 * x + rng.normal(0, noise, n)


def peak(x, height, mean, width, level):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + level


@pytest.mark.parametrize("yerr", [0.1, None])
def test_probabilities_are_uniform_for_good_fits(yerr):
    pvalues = []
    for seed in range(100):
        x, y = line(seed, 40)
        goodness = sf.fit(x, y, sf.Polynomial(3), yerr).goodness
        checks = [goodness.anderson_darling, goodness.kolmogorov_smirnov, goodness.largest]
        checks += [goodness.along[0].shift, goodness.along[0].width, goodness.von_neumann]
        pvalues.append([check.pvalue for check in checks])
    # Each share is known to √(p(1 − p)/100): 0.05 at one half, 0.03 at a tenth; three of those.
    for limit, slack in ((0.5, 0.15), (0.1, 0.09)):
        share = np.mean(np.array(pvalues) <= limit, axis=0)
        assert (np.abs(share - limit) < slack).all(), share


def test_toys_without_refitting_match_toys_refitted():
    # The distribution of Anderson-Darling of a nonlinear fit's pulls, by honest refits.
    x = np.linspace(-2, 2, 60)
    truth = peak(x, 3.0, 0.2, 0.7, 1.0)
    statistics = []
    for seed in range(60):
        y = truth + np.random.default_rng(seed).normal(0, 0.1, 60)
        start = {"height": 3.0, "mean": 0.2, "width": 0.7, "level": 1.0}
        goodness = sf.fit(x, y, peak, 0.1, start=start).goodness
        statistics.append(goodness.anderson_darling.statistic)
        expected, spread = goodness.anderson_darling.expected, goodness.anderson_darling.spread
    # 60 fits know the mean to spread/√60; four of these.
    assert np.mean(statistics) == pytest.approx(expected, abs=4 * spread / np.sqrt(60))
    # The uncorrected expectation of A² is 1: calibrated toys are what makes the test sharp.
    assert expected < 0.8


def test_influence_is_that_of_leaving_each_point_out():
    x, y = line(3, 15)
    sigma = np.linspace(0.05, 0.2, 15)
    fit = sf.fit(x, y, sf.Line(), sigma)
    influence = fit.goodness.influence
    inverse = np.linalg.inv(fit.covariance)
    for i in range(15):
        keep = np.arange(15) != i
        without = sf.fit(x[keep], y[keep], sf.Line(), sigma[keep])
        moved = np.array([without.values[n] - fit.values[n] for n in fit.names])
        assert influence.cook[i, 0] == pytest.approx(moved @ inverse @ moved / 2, rel=1e-6)
        gap = y[i] - without.predict(x[i : i + 1])[0]
        lower, upper = without.band(x[i : i + 1], 0.6826894921370859)
        error = np.hypot(sigma[i], (upper[0] - lower[0]) / 2)
        assert influence.studentized[i, 0] == pytest.approx(gap / error, rel=1e-6)
    assert np.sum(influence.leverage) == pytest.approx(2)


def test_influence_holds_for_correlated_errors():
    x, y = line(4, 12)
    covariance = 0.01 * np.exp(-np.abs(x[:, None] - x) / 0.2)
    shuffled = np.random.default_rng(0).permutation(12)  # the order must not matter
    x, y, covariance = x[shuffled], y[shuffled], covariance[np.ix_(shuffled, shuffled)]
    fit = sf.fit(x, y, sf.Line(), covariance)
    inverse = np.linalg.inv(fit.covariance)
    for i in range(12):
        keep = np.arange(12) != i
        without = sf.fit(x[keep], y[keep], sf.Line(), covariance[np.ix_(keep, keep)])
        moved = np.array([without.values[n] - fit.values[n] for n in fit.names])
        cook = fit.goodness.influence.cook[i, 0]
        assert cook == pytest.approx(moved @ inverse @ moved / 2, rel=1e-6)


def test_influence_agrees_with_statsmodels_where_errors_are_estimated():
    models = pytest.importorskip("statsmodels.api")
    x, y = line(5, 30)
    peer = models.OLS(y, models.add_constant(x)).fit().get_influence()
    influence = sf.fit(x, y, sf.Line()).goodness.influence
    np.testing.assert_allclose(influence.leverage[:, 0], peer.hat_matrix_diag, rtol=1e-9)
    np.testing.assert_allclose(influence.cook[:, 0], peer.cooks_distance[0], rtol=1e-9)
    external = peer.resid_studentized_external
    np.testing.assert_allclose(influence.studentized[:, 0], external, rtol=1e-9)


def test_pulls_of_few_counts_are_not_taken_for_normal():
    x, pvalues = np.arange(60.0), []
    for seed in range(60):
        counts = np.random.default_rng(seed).poisson(2.0, 60)
        goodness = sf.fit(x, counts, sf.Constant(), loss=sf.Poisson()).goodness
        pvalues.append([goodness.width.pvalue, goodness.anderson_darling.pvalue])
    # Known to √(0.3 · 0.7/60) = 0.06; three of those. Normal toys would put 1 here for the second.
    share = np.mean(np.array(pvalues) <= 0.3, axis=0)
    assert (np.abs(share - 0.3) < 0.18).all(), share


def test_a_robust_fit_can_be_judged_and_its_outliers_named():
    x, y = line(6, 100)
    y[17] += 3
    goodness = sf.fit(x, y, sf.Line(), 0.1, loss=sf.Huber()).goodness
    assert goodness.assessment.outliers == ((17, 0),)
    assert np.isnan(goodness.chi2)


def test_parameters_at_limits_steps_and_functions_that_cannot_be_traced_are_judged():
    x, y = line(7, 50)
    limited = sf.fit(x, y, sf.Line(), 0.1, bounds={"slope": (None, 1.0)}).goodness
    assert not limited.is_good

    def branching(x, a, b):
        return a + b * x if a > 0 else 0 * x

    assert sf.fit(x, y, branching, 0.1).goodness.is_good


def test_the_sandwich_changes_errors_not_leverage():
    x, y = line(8, 30)
    fit = sf.fit(x, y, sf.Line(), 0.1)
    expected = fit.goodness.influence.leverage
    np.testing.assert_allclose(fit.sandwich().goodness.influence.leverage, expected, rtol=1e-9)


def test_a_constraint_takes_its_share_of_the_leverage():
    # A constraint as strong as the points is like as many points again, which have no residual.
    y = np.random.default_rng(9).normal(0, 1, 25)
    fit = sf.fit(np.arange(25.0), y, sf.Constant(), 1.0, constraints={"value": (0.0, 0.2)})
    np.testing.assert_allclose(fit.goodness.influence.leverage, 1 / 50, rtol=1e-9)


def test_what_has_no_residuals_to_judge_is_refused():
    with pytest.raises(sf.NotAvailable, match="as many parameters as points"):
        _ = sf.fit([0, 1], [0.0, 1.0], sf.Line(), 0.1).goodness
    with pytest.raises(sf.NotAvailable, match="to rounding"):
        _ = sf.fit([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0], sf.Line(), 0.1).goodness


def test_a_large_sample_is_judged_in_reasonable_time():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, 100_000)
    goodness = sf.fit(x, 1 + x + rng.normal(0, 1, 100_000), sf.Line(), 1.0).goodness
    assert goodness.n_toys == 200
    assert goodness.is_good
