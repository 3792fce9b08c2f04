"""The sandwich covariance against its closed form for a line, statsmodels' numbers, and toys."""

import numpy as np
import pytest

import surefit as sf


def closed_form(x, y):
    """HC3 of a line, written out (MacKinnon and White 1985)."""
    design = np.stack([np.ones_like(x), x], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    residuals = y - design @ inverse @ design.T @ y
    leverage = np.sum((design @ inverse) * design, axis=1)
    meat = design.T @ (design * ((residuals / (1 - leverage)) ** 2)[:, None])
    return inverse @ meat @ inverse


@pytest.mark.parametrize("yerr", [None, 0.3])
def test_sandwich_of_a_line_is_hc3(yerr, rng):
    x = np.linspace(0, 3, 40)
    y = 1 + 2 * x + rng.normal(0, 0.1 + 0.4 * x)
    fit = sf.fit(x, y, sf.Line(), yerr=yerr).sandwich()
    np.testing.assert_allclose(fit.covariance, closed_form(x, y), rtol=1e-9)
    assert "HC3" in str(fit)


def test_sandwich_agrees_with_statsmodels(rng):
    models = pytest.importorskip("statsmodels.api")
    x = np.linspace(0, 3, 40)
    y, sigma = 1 + 2 * x + rng.normal(0, 0.1 + 0.4 * x), 0.2 + 0.1 * x
    peer = models.WLS(y, models.add_constant(x), 1 / sigma**2).fit(cov_type="HC3")
    fit = sf.fit(x, y, sf.Line(), yerr=sigma).sandwich()
    np.testing.assert_allclose(fit.covariance, peer.cov_params(), rtol=1e-9)


def test_outputs_of_a_point_may_be_correlated(rng):
    # Two outputs that are copies of each other tell nothing twice: errors do not shrink.
    x = np.linspace(0, 1, 50)
    y = rng.normal(0, 1, 50)

    def level(x, a):
        return np.stack([a + 0 * x, a + 0 * x], axis=1)

    twice = sf.fit(x, np.stack([y, y], axis=1), level, 1.0)
    once = sf.fit(x, y, sf.Constant(), 1.0)
    assert twice.sandwich().errors["a"] == pytest.approx(once.sandwich().errors["value"], rel=1e-6)
    assert twice.errors["a"] == pytest.approx(once.errors["value"] / np.sqrt(2), rel=1e-6)


def test_sandwich_errors_are_right_where_the_noise_grows_with_x():
    # 400 toys: the width of the pulls is known to 1/√800 = 3.5 %; HC3 leans to large errors.
    x, pulls, believed = np.linspace(0, 1, 60), [], []
    for seed in range(400):
        y = 1 + 2 * x + np.random.default_rng(seed).normal(0, 0.05 + x**3)
        fit = sf.fit(x, y, sf.Line())
        pulls.append((fit.values["slope"] - 2) / fit.sandwich().errors["slope"])
        believed.append((fit.values["slope"] - 2) / fit.errors["slope"])
    assert np.std(pulls) == pytest.approx(1, abs=0.11)
    assert np.std(believed) > 1.2


def test_poisson_counts_that_scatter_more_get_larger_errors(rng):
    counts = rng.negative_binomial(2, 2 / (2 + 20), 300)  # variance 20 + 20²/2, not 20
    fit = sf.fit(np.arange(300.0), counts, sf.Constant(), loss=sf.Poisson())
    expected = np.std(counts, ddof=1) / np.sqrt(300)
    assert fit.sandwich().errors["value"] == pytest.approx(expected, rel=0.01)


def test_what_the_sandwich_cannot_do_is_refused():
    fit = sf.fit([0, 1, 2], [0.0, 1.0, 2.1], sf.Line(), np.eye(3))
    with pytest.raises(sf.NotAvailable, match="independent"):
        fit.sandwich()
    with pytest.raises(sf.NotAvailable, match="leverage 1"):
        sf.fit([0, 1], [0.0, 1.0], sf.Line(), 0.1).sandwich()
    with pytest.raises(sf.NotAvailable, match="already"):
        sf.fit([0, 1, 2], [0.0, 1.0, 2.1], sf.Line(), 0.1, loss=sf.Huber()).sandwich()
