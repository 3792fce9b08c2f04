"""Conformal bands against their definition, and against noise that nothing was told about."""

import numpy as np
import pytest

import surefit as sf
from surefit.uncertainty.conformal import CVPlus, SplitConformal


def by_definition(curves, reach, level):
    """The ends of Barber et al. 2021, eq. 3 and section 2.1, for a single new x."""
    n, alpha = len(reach), 1 - level
    low, high = sorted(curves - reach), sorted(curves + reach)
    below, above = int(np.floor(alpha * (n + 1) + 1e-9)), int(np.ceil((1 - alpha) * (n + 1) - 1e-9))
    return (low[below - 1] if below else -np.inf), (high[above - 1] if above <= n else np.inf)


@pytest.mark.parametrize("level", [0.5, 0.6827, 0.9, 0.96, 0.99])
def test_the_ends_of_cv_plus_are_those_of_its_definition(level, rng):
    curves, reach = rng.normal(size=(39, 5, 1)), rng.exponential(size=(39, 5, 1))
    lower, upper = CVPlus(10).ends(curves, reach, level)
    for j in range(5):
        expected = by_definition(curves[:, j, 0], reach[:, j, 0], level)
        np.testing.assert_allclose((lower[j, 0], upper[j, 0]), expected)


def test_the_guarantee_of_as_many_folds_as_points_is_the_jackknifes():
    assert CVPlus(50).guarantee(50, 0.9) == pytest.approx(0.8)
    assert CVPlus(10).guarantee(1000, 0.9) > 1 - 0.2 - np.sqrt(2 / 1000)
    assert SplitConformal().guarantee(50, 0.9) == 0.9


def heavy(rng, n):
    """Noise with long tails on one side, whose size grows with x."""
    x = rng.uniform(0, 1, n)
    return x, 1 + 2 * x + (0.1 + 0.3 * x) * (rng.lognormal(0, 1, n) - np.exp(0.5))


def share_inside(method, rng, repeats, level):
    inside = []
    for _ in range(repeats):
        x, y = heavy(rng, 39)
        new, values = heavy(rng, 200)
        band = sf.fit(x, y, sf.Line(), 0.1 + 0.3 * x).conformal(method)
        lower, upper = band.band(new, level, yerr=lambda x: 0.1 + 0.3 * x)
        inside.append(np.mean((values >= lower) & (values <= upper)))
    return np.mean(inside), np.std(inside) / np.sqrt(repeats)


def test_a_split_covers_new_points_whatever_their_noise(rng):
    covered, error = share_inside(SplitConformal(0.5), rng, 80, 0.9)
    # Of 20 points to measure on; exact is ceil(0.9 × 21) / 21.
    assert covered == pytest.approx(19 / 21, abs=4 * error)


def test_wrong_models_are_covered_too_and_the_delta_method_is_not(rng):
    x = rng.uniform(-1, 1, 400)
    y = x**2 + 0.02 * rng.standard_t(3, 400)
    fit = sf.fit(x[:200], y[:200], sf.Line(), 0.02)
    lower, upper = fit.conformal(SplitConformal()).band(x[200:])
    assert np.mean((y[200:] >= lower) & (y[200:] <= upper)) > 0.83
    lower, upper = fit.prediction_band(x[200:], level=0.9)
    assert np.mean((y[200:] >= lower) & (y[200:] <= upper)) < 0.2


def test_a_conformal_band_says_what_it_promises(rng):
    x, y = heavy(rng, 30)
    fit = sf.fit(x, y, sf.Line(), 0.3)
    conformal = fit.conformal()
    assert str(conformal).startswith("CVPlus(folds=10): 10 refits, 30 points")
    band = conformal.band([0.5])
    assert "covers about 90 % as a rule, and at least 73.9 % whatever" in str(band)
    assert "not beyond the data" in str(band)
    assert band.lower.shape == (1,)
    few = conformal.band([0.5], 0.99)
    assert np.isinf(few.upper).all()
    assert "30 points set apart are too few for this level" in str(few)
    assert "at least 90 % whatever" in str(fit.conformal(SplitConformal(0.4)).band([0.5]))
    outputs = sf.fit(x, np.stack([y, -y], axis=1), sf.Plane(), 0.3).conformal(CVPlus(3))
    assert outputs.band([0.1, 0.2]).upper.shape == (2, 2)


def test_what_has_no_conformal_band_says_why(rng):
    x, y = heavy(rng, 12)
    fit = sf.fit(x, y, sf.Line(), 0.3)
    with pytest.raises(sf.InvalidType, match=r"method is a int; pass sf\.CVPlus"):
        fit.conformal(5)
    with pytest.raises(sf.InvalidOption, match="12 points for 13 folds"):
        fit.conformal(CVPlus(13))
    with pytest.raises(sf.InvalidOption, match="leaves no points apart"):
        fit.conformal(SplitConformal(0.001))
    for wrong in (lambda: CVPlus(1), lambda: SplitConformal(1.5)):
        with pytest.raises(sf.InvalidOption, match="give"):
            wrong()
    with pytest.raises(sf.NotAvailable, match="correlated errors"):
        sf.fit(x, y, sf.Line(), np.eye(12)).conformal()
    with pytest.raises(sf.NotAvailable, match="mixes its x values"):
        sf.fit(x, y, lambda x, a: a * np.cumsum(x), 0.3).conformal()
    with pytest.raises(sf.NotAvailable, match="too few points for so many parameters"):
        sf.fit(x, y, sf.Polynomial(9), 0.3).conformal(CVPlus(3))


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.6827, 0.9])
def test_cv_plus_covers_as_a_rule_and_never_less_than_promised(level):
    covered, error = share_inside(CVPlus(10), np.random.default_rng(3), 400, level)
    print("CV+", level, covered, "+-", error)
    assert covered > CVPlus(10).guarantee(39, level)
    assert covered == pytest.approx(level, abs=0.03 + 3 * error)


def test_an_ensemble_of_a_line_has_the_band_of_the_delta_method(rng):
    x = np.linspace(0, 1, 25)
    y = 1 + x + rng.normal(0, 0.2, 25)
    grid, members = np.linspace(0, 1, 5), 150
    covariance = 0.04 * (np.eye(25) + 0.5 * np.eye(25, k=1) + 0.5 * np.eye(25, k=-1))
    for yerr in (0.2, None, covariance):
        fit = sf.fit(x, y, sf.Line(), yerr)
        ensemble = fit.ensemble(members)
        (lower, upper), (low, high) = ensemble.band(grid, 0.95), fit.band(grid, 0.95)
        ratio = (upper - lower) / (high - low)
        np.testing.assert_allclose(ratio, 1, atol=4 / np.sqrt(2 * members))
    assert ensemble.predict(grid).shape == (members, 5)
    assert str(ensemble) == f"Ensemble of {members} refits of {fit.model}."
    assert "150 members tell the width to 5.8 %" in str(ensemble.band(grid))
    with pytest.raises(sf.InvalidOption, match="members is 2; give at least 5"):
        fit.ensemble(2)
    exact = sf.fit([0, 1], [0, 1], sf.Line())
    with pytest.raises(sf.NotAvailable, match="no data can be drawn"):
        exact.ensemble()


def test_an_ensemble_draws_counts_for_counts(rng):
    x = np.linspace(0, 1, 30)
    fit = sf.fit(x, rng.poisson(50 + 20 * x), sf.Line(), loss=sf.Poisson())
    ratio = np.ptp(fit.ensemble(40).band(x), axis=0) / np.ptp(fit.band(x), axis=0)
    np.testing.assert_allclose(ratio, 1, atol=4 / np.sqrt(80))
