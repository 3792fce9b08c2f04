"""Robust losses against scipy's, statsmodels' formulas in closed form, and toys."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import least_squares

import surefit as sf

LOSSES = {"huber": sf.Huber, "soft_l1": sf.SoftL1, "cauchy": sf.Cauchy}


def contaminated(seed, n=200, share=0.2):
    """A peak on a slope whose points are, by a fifth, gross outliers, most of them upward."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 10, n)
    mean = 3.0 + 4 * rng.random()
    y = peak(x, 5.0, mean, 0.6, 1.0, 0.2) + rng.normal(0, 0.3, n)
    out = rng.random(n) < share
    y[out] += rng.choice([-1, 1, 1, 1], out.sum()) * rng.uniform(5, 40, out.sum())
    return x, y, {"height": 5.0, "mean": mean, "width": 0.6, "level": 1.0, "slope": 0.2}


def peak(x, height, mean, width, level, slope):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + level + slope * x


@pytest.mark.parametrize("name", LOSSES)
def test_robust_losses_have_scipys_minimum(name, rng):
    x = np.linspace(0, 10, 60)
    y = 1 + 2 * x + rng.normal(0, 0.3, 60)
    y[::7] += 10
    loss = LOSSES[name](1.7)
    fit = sf.fit(x, y, sf.Line(), 0.3, loss=loss)

    def residuals(p):
        return (p[0] + p[1] * x - y) / 0.3

    exact = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    peer = least_squares(residuals, [1.0, 2.0], loss=name, f_scale=1.7, **exact)
    np.testing.assert_allclose(list(fit.values.values()), peer.x, rtol=1e-6)
    assert fit.deviance == pytest.approx(2 * peer.cost, rel=1e-12)  # its cost is half of ours
    assert fit.valid


@pytest.mark.parametrize("kind", LOSSES.values())
def test_slope_is_the_derivative_and_the_parabola_lies_above(kind):
    loss, z, h = kind(), np.linspace(-9, 9, 181) + 0.0123, 1e-6
    one = np.ones_like(z)
    numeric = (loss.pointwise(z + h, 0 * z, one) - loss.pointwise(z - h, 0 * z, one)) / (2 * h)
    np.testing.assert_allclose(loss.slope(z, 0 * z, one), numeric, rtol=1e-6, atol=1e-8)
    for start in (0.5, 3.0, -7.0):
        at = np.array([start])
        value, slope, curvature = (
            f(at, 0 * at, np.ones(1)) for f in (loss.pointwise, loss.slope, loss.curvature)
        )
        parabola = value + slope * (z - start) + curvature * (z - start) ** 2 / 2
        assert (parabola >= loss.pointwise(z, 0 * z, one) - 1e-12).all()


@pytest.mark.parametrize("kind", LOSSES.values())
def test_defaults_are_95_percent_efficient_for_normal_errors(kind):
    loss, one = kind(), np.ones(1)

    def psi(z):
        return float(loss.slope(np.array([z]), np.zeros(1), one)[0] / 2)

    def normal(z):
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    edges = {"points": [-loss.k, loss.k]}
    mean_slope = quad(lambda z: z * psi(z) * normal(z), -10, 10, **edges)[0]  # Stein's identity
    scatter = quad(lambda z: psi(z) ** 2 * normal(z), -10, 10, **edges)[0]
    assert mean_slope**2 / scatter == pytest.approx(0.95, abs=2e-4)


@pytest.mark.parametrize("kind", LOSSES.values())
def test_a_fifth_of_gross_outliers_does_not_hide_the_minimum(kind):
    x, y, truth = contaminated(6)
    blind = sf.fit(x, y, peak, 0.3, loss=kind())
    informed = sf.fit(x, y, peak, 0.3, loss=kind(), start=truth)
    assert blind.deviance <= informed.deviance + 0.01
    assert blind.valid


def test_outliers_do_not_lead_the_growth_of_sigmoids_astray():
    rng = np.random.default_rng(6)
    x = rng.uniform(0, 1, 300)
    y = 2 / (1 + np.exp(-(x - 0.4) / 0.05)) - 1.2 / (1 + np.exp(-(x - 0.7) / 0.03))
    y += rng.normal(0, 0.05, 300)
    out = rng.random(300) < 0.2
    clean = sf.fit(x[~out], y[~out], sf.Sigmoids(2), 0.05)
    y[out] += rng.choice([-1, 1, 1], out.sum()) * rng.uniform(1, 10, out.sum())
    robust = sf.fit(x, y, sf.Sigmoids(2), 0.05, loss=sf.Cauchy())
    assert np.abs(robust.predict(x) - clean.predict(x)).max() < 0.05


def test_errors_are_the_sandwich_of_the_m_estimator(rng):
    # A constant has the closed form Σ(ψ/(1 − h))²/(Σψ')² with h of the weighted mean.
    y, k = rng.standard_t(2, 200), 1.345
    fit = sf.fit(np.arange(200.0), y, sf.Constant(), 1.0, loss=sf.Huber(k))
    z = y - fit.values["value"]
    n_inside = np.sum(np.abs(z) < k)
    weight = k / np.maximum(np.abs(z), k)
    leverage = weight / n_inside
    expected = np.sqrt(np.sum((np.clip(z, -k, k) / (1 - leverage)) ** 2)) / n_inside
    assert fit.errors["value"] == pytest.approx(expected, rel=1e-3)


def test_there_is_no_chi2_and_the_report_says_why():
    fit = sf.fit(np.arange(5.0), [0.0, 1.1, 1.9, 30.0, 4.0], sf.Line(), 0.1, loss=sf.Huber())
    assert fit.valid
    assert np.isnan(fit.chi2)
    assert np.isnan(fit.pvalue)
    assert "no likelihood" in str(fit)


def test_a_loss_without_curvature_at_its_minimum_says_so():
    # Far from all four points Huber's loss is a sum of absolute values, whose slopes cancel.
    x, y = np.arange(4.0), np.array([0.0, 1.1, 1.9, 30.0])
    fit = sf.fit(x, y, sf.Line(), 0.1, loss=sf.Huber(), start={"intercept": -5.0, "slope": 9.0})
    assert fit.status is sf.Status.undetermined
    assert np.isnan(list(fit.errors.values())).all()
    assert "whole range of curves" in " ".join(fit.notes)
    assert "no likelihood" in str(fit)


def test_a_perfect_robust_fit_has_no_errors_but_says_why():
    fit = sf.fit([0, 1], [0.0, 1.0], sf.Line(), 0.1, loss=sf.Huber())
    assert np.isnan(fit.errors["slope"])
    assert "leverage 1" in " ".join(fit.notes)


def test_what_a_robust_loss_cannot_do_is_refused():
    with pytest.raises(sf.DataError, match="needs yerr"):
        sf.fit([0, 1, 2], [0.0, 1.0, 2.0], sf.Line(), loss=sf.Huber())
    with pytest.raises(sf.DataError, match="independent errors"):
        sf.fit([0, 1, 2], [0.0, 1.0, 2.0], sf.Line(), np.eye(3), loss=sf.Cauchy())
    with pytest.raises(sf.InvalidOption, match="positive number"):
        sf.SoftL1(0)


@pytest.mark.parametrize("loss", [sf.Huber(), sf.Huber(0.1 + 0.2), sf.Cauchy(3.0), sf.SoftL1(2)])
def test_a_robust_fit_survives_a_file(loss, tmp_path):
    fit = sf.fit([0, 1, 2, 3], [0.0, 1.1, 1.9, 30.0], sf.Line(), 0.1, loss=loss)
    fit.save(tmp_path / "fit.json")
    assert sf.load(tmp_path / "fit.json").loss == loss


@pytest.mark.slow
@pytest.mark.parametrize("kind", LOSSES.values())
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_robust_errors_are_honest_with_and_without_outliers(kind, share):
    pulls = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x, noise = np.linspace(0, 1, 50), rng.standard_normal(50)
        noise[rng.random(50) < share] *= 10
        fit = sf.fit(x, 1 + 2 * x + noise, sf.Line(), 1.0, loss=kind())
        errors = fit.errors
        pulls.append([(fit.values[n] - t) / errors[n] for n, t in zip(errors, (1, 2), strict=True)])
    inside = np.mean(np.abs(pulls) < 1)
    # 0.683 ± 3 binomial errors of 400 correlated pairs, and what HC3 over-covers at 50 points.
    assert 0.683 - 0.07 < inside < 0.683 + 0.09
