"""Of frequencies that evenly spaced points cannot tell apart, the slowest is reported."""

import numpy as np
import pytest

import surefit as sf
from surefit.search.aliases import grid

SPACING, N = 0.5, 60
X = 3.2 + SPACING * np.arange(N)


def wave(x, size, frequency, phase, level):
    return size * np.sin(2 * np.pi * frequency * x + phase) + level


def wave_of_a_rate(x, size, rate, phase, level):
    return size * np.sin(rate * x + phase) + level


def wave_of_a_period(x, a, b, period, level):
    return a * np.cos(2 * np.pi * x / period) + b * np.sin(2 * np.pi * x / period) + level


def sample():
    noise = 0.1 * np.random.default_rng(0).standard_normal(N)
    return wave(X, 2.0, 0.3, 0.4, 1.0) + noise


@pytest.mark.parametrize("key", range(3))
def test_the_slowest_of_equal_waves_is_reported_whatever_the_key(key):
    y = sample()
    frequency = sf.fit(X, y, wave, yerr=0.1, key=key).values["frequency"]
    assert frequency == pytest.approx(0.3, abs=0.002)
    rate = sf.fit(X, y, wave_of_a_rate, yerr=0.1, key=key).values["rate"]
    assert rate == pytest.approx(2 * np.pi * frequency, rel=1e-9)
    period = sf.fit(X, y, wave_of_a_period, yerr=0.1, key=key).values["period"]
    assert abs(period) == pytest.approx(1 / frequency, rel=1e-9)


@pytest.mark.parametrize("started", [2.3, 1.7])
def test_a_start_chooses_among_equal_waves(started):
    # With the spacing 1/2, 0.3, 2.3 and, with the phase turned round, 1.7 are the same.
    fit = sf.fit(X, sample(), wave, yerr=0.1, start={"frequency": started})
    assert fit.values["frequency"] == pytest.approx(started, abs=0.002)
    assert fit.chi2 == pytest.approx(sf.fit(X, sample(), wave, yerr=0.1).chi2, rel=1e-9)


def test_limits_are_kept():
    fit = sf.fit(X, sample(), wave, yerr=0.1, bounds={"frequency": (1.0, None)})
    assert fit.values["frequency"] >= 1.0


def test_points_that_are_not_evenly_spaced_tell_frequencies_apart():
    x = np.sort(np.random.default_rng(1).uniform(0, 30, N))
    y = wave(x, 2.0, 2.3, 0.4, 1.0) + 0.1 * np.random.default_rng(0).standard_normal(N)
    fit = sf.fit(x, y, wave, yerr=0.1, start={"frequency": 2.3})
    assert abs(fit.values["frequency"]) == pytest.approx(2.3, abs=0.002)


def test_a_grid_is_recognized_with_gaps_and_repetitions_and_in_any_order():
    assert grid(np.array([7.0, 1.0, 2.0, 4.0, 2.0])) == (1.0, 1.0)
    assert grid(np.array([1.0, 2.0, 3.4])) is None
    assert grid(np.array([1.0, 2.0])) is None


def test_a_large_offset_does_not_make_other_rates_look_the_same():
    # −2 ln L without the offset is 1e19: rounding of that would hide all that the rate explains.
    rng = np.random.default_rng(2)
    x = np.linspace(0, 10, 41)

    def decay(x, height, rate, level):
        return height * np.exp(-rate * x) + level

    truth = 0.01, 0.7, 9e4
    y = decay(x, *truth) + 2e-4 * rng.standard_normal(41)
    fit = sf.fit(x, y, decay, yerr=2e-4)
    assert fit.valid
    assert fit.chi2 <= np.sum(((y - decay(x, *truth)) / 2e-4) ** 2)
    assert abs(fit.values["rate"] - 0.7) < 5 * fit.errors["rate"]
