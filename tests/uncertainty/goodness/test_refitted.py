"""Toys that are refitted, against those that are projected: the same where the model is linear."""

import numpy as np
import pytest

import surefit as sf
from surefit.uncertainty.goodness.refitted import refitted_pulls


@pytest.mark.parametrize("yerr", [0.2, None])
def test_the_refitted_toys_of_a_line_have_the_probabilities_of_the_projected_ones(yerr, rng):
    x = np.sort(rng.uniform(0, 1, 40))
    fit = sf.fit(x, 1 + x + rng.normal(0, 0.2, 40), sf.Line(), yerr)
    quick, refitted = fit.goodness, fit.check_goodness(toys=400)
    for name in ("runs", "von_neumann", "anderson_darling", "kolmogorov_smirnov", "largest"):
        one, other = getattr(quick, name), getattr(refitted, name)
        assert one.statistic == other.statistic
        assert other.expected == pytest.approx(one.expected, abs=5 * one.spread / np.sqrt(400))
        share = max(one.pvalue, 0.02)
        assert other.pvalue == pytest.approx(one.pvalue, abs=6 * np.sqrt(share / 400))
    assert refitted.n_toys == 400
    assert "400 toys were drawn from the curve and refitted downhill" in str(refitted)


def test_the_pulls_of_refitted_toys_have_width_one(rng):
    def decay(x, height, lifetime):
        return height * np.exp(-x / lifetime)

    x = np.linspace(0, 5, 30)
    fit = sf.fit(x, decay(x, 5, 2) + rng.normal(0, 0.2, 30), decay, 0.2)
    pulls = refitted_pulls(fit, 300, cold=False, key=1)
    assert pulls.shape == (300, 30, 1)
    assert np.mean(pulls**2) == pytest.approx(1, abs=5 * np.sqrt(2 / pulls.size))
    cold = refitted_pulls(fit, 99, cold=True, key=1)
    warm = refitted_pulls(fit, 99, cold=False, key=1)
    np.testing.assert_allclose(cold, warm, atol=1e-4)


def test_toys_that_cannot_be_refitted_say_why(rng):
    x = np.linspace(0, 1, 20)
    y = x + rng.normal(0, 0.1, 20)
    with pytest.raises(sf.InvalidOption, match="toys is 10; give at least 99"):
        sf.fit(x, y, sf.Line(), 0.1).check_goodness(10)
    with pytest.raises(sf.NotAvailable, match="measured elsewhere would have to be drawn anew"):
        sf.fit(x, y, sf.Line(), 0.1, constraints={"slope": (1, 0.1)}).check_goodness()
