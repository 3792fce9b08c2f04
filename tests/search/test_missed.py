"""What a search says of the chance that it missed something."""

import dataclasses
import math

import numpy as np
import pytest

import surefit as sf
from benchmarks.families.curves import FAMILIES, planck
from surefit.search.missed import FEATURES, Trail

X = np.linspace(0, 4, 60)
TRAIL = Trail(20, 10, 2, 4, 3, 0.5, 3)


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


def fit(**options):
    y = decay(X, 3.0, 0.8, 1.0) + 0.05 * np.random.default_rng(5).standard_normal(60)
    return sf.fit(X, y, decay, yerr=0.05, **options)


def test_features_are_finite_even_where_nothing_was_found():
    nothing = Trail(0, 0, 0, 0, 0, 0.0, 0)
    assert np.isfinite(nothing.features()).all()
    assert len(nothing.features()) == len(FEATURES)
    assert 0 < TRAIL.missed() < 1


@pytest.mark.parametrize(
    "surer",
    [
        {"n_agree": 18},
        {"n_singles": 0},
        {"n_starts": 200, "n_agree": 100, "n_singles": 20},
        {"n_rounds_agree": 4},
        {"correlation": 0.0},
        {"n_searched": 1},
    ],
)
def test_it_is_surer_the_more_agrees_and_the_less_is_left(surer):
    assert dataclasses.replace(TRAIL, **surer).missed() < TRAIL.missed()


def test_where_the_best_descent_was_cut_short_a_longer_one_is_sure_to_go_on():
    y = np.sin(9 * X) + 0.1 * np.random.default_rng(0).standard_normal(60)

    def wave(x, size, rate, phase):
        return size * np.sin(rate * x + phase)

    found = sf.fit(X, y, wave, yerr=0.1, budget=sf.Budget(steps=1))
    assert not found.valid
    assert found.evidence.missed == 1
    assert any("cut the descent" in sentence for sentence in found.evidence.explanation)
    assert dataclasses.replace(TRAIL, is_finished=False).missed() == 1


def test_an_easy_fit_is_sure_of_its_minimum_and_says_so():
    found = fit()
    assert found.valid
    assert found.evidence.missed < 0.05
    assert any("100 times longer" in sentence for sentence in found.evidence.explanation)


def test_a_linear_fit_misses_nothing():
    assert sf.fit([0, 1, 2, 3], [1, 2, 3, 4.5], sf.Line()).evidence.missed == 0


def test_a_start_that_leads_to_the_same_minimum_is_said_to():
    found = fit(start={"height": 2.5, "lifetime": 1.0, "level": 1.0})
    assert "The start given led to the same minimum." in found.evidence.explanation


def test_a_start_that_leads_elsewhere_is_said_to_and_by_how_much():
    def wave(x, size, rate, phase):
        return size * np.sin(rate * x + phase)

    y = wave(X, 1.0, 9.0, 0.3) + 0.05 * np.random.default_rng(6).standard_normal(60)
    found = sf.fit(X, y, wave, yerr=0.05, start={"size": 1.0, "rate": 2.0, "phase": 0.0})
    assert abs(found.values["rate"]) == pytest.approx(9.0, abs=0.1)
    assert any("found elsewhere" in sentence for sentence in found.evidence.explanation)


def test_evidence_survives_a_file(tmp_path):
    found = fit()
    found.save(tmp_path / "fit.json")
    again = sf.load(tmp_path / "fit.json").evidence
    assert again.missed == found.evidence.missed
    assert math.isnan(again.gap) == math.isnan(found.evidence.gap)


def test_parameters_of_any_magnitude_are_found():
    family = next(family for family in FAMILIES if "Planck" in family.name)
    sample = family.sample(4)
    found = sf.fit(sample.x, sample.y, planck, sample.yerr)
    assert found.values["h"] == pytest.approx(sample.truth[0], rel=0.1)
    assert found.values["temperature"] == pytest.approx(sample.truth[1], rel=0.1)
