"""Of equivalent parameter vectors always the same one is chosen, or the one the user means."""

import numpy as np
import pytest

import surefit as sf
from surefit.models.structures.canonical import Wishes, canonical
from tests.models.structures import problems
from tests.models.structures.problems import PROBLEMS

T = np.linspace(0.05, 6, 120)


def equivalents(structure, values, rng, n=12):
    """Random walks along the symmetries."""
    for _ in range(n):
        other = values
        for i in rng.integers(0, len(structure.symmetries.generators), 15):
            other = structure.symmetries.generators[i].apply(other)
        yield other


SYMMETRIC = [p for p in PROBLEMS if p.families or p.flips or p.periods or p.mixed]


@pytest.mark.parametrize("problem", SYMMETRIC, ids=str)
def test_all_equivalent_vectors_have_one_canonical_form(problem):
    structure = sf.structure(problem.function, problem.x, n_parameters=problem.n)
    rng = np.random.default_rng(3)
    values = rng.uniform(0.3, 2.5, len(structure.names)) * rng.choice([-1, 1], len(structure.names))
    model = sf.Function(problem.function, problem.n)
    chosen = canonical(structure, values)
    size = np.abs(model.call(values, problem.x)).max()
    if np.isfinite(size):
        np.testing.assert_allclose(
            model.call(chosen, problem.x),
            model.call(values, problem.x),
            rtol=1e-9,
            atol=1e-9 * size,
        )
    np.testing.assert_array_equal(canonical(structure, chosen), chosen)
    for other in equivalents(structure, values, rng):
        np.testing.assert_allclose(canonical(structure, other), chosen, rtol=1e-9, atol=1e-9)


def test_blocks_are_in_ascending_order_of_their_first_searched_parameter():
    structure = sf.structure(problems.three_decays, T)
    values = np.array([1.0, 9.0, 2.0, 0.5, 3.0, 4.0])
    assert canonical(structure, values).tolist() == [2.0, 0.5, 3.0, 4.0, 1.0, 9.0]


def test_frequency_and_amplitude_are_positive_and_the_phase_is_within_half_a_turn():
    structure = sf.structure(problems.sine, T)
    a, w, phi = canonical(structure, np.array([-2.0, -3.0, 8.0]))
    assert (a, w) == (2.0, 3.0)
    assert phi == pytest.approx(-8.0 + 2 * np.pi)
    assert 2 * np.sin(3 * 0.7 + phi) == pytest.approx(-2 * np.sin(-3 * 0.7 + 8))


def test_a_start_keeps_its_labels():
    structure = sf.structure(problems.two_decays, T)
    wishes = Wishes.none(4)
    wishes.start[[1, 3]] = 5.0, 0.5
    kept = canonical(structure, np.array([1.0, 0.4, 2.0, 4.0]), wishes)
    assert kept.tolist() == [2.0, 4.0, 1.0, 0.4]
    structure = sf.structure(problems.sine, T)
    wishes = Wishes.none(3)
    wishes.start[:] = -1.0, -3.0, 7.0
    kept = canonical(structure, np.array([1.2, 3.1, 2.0]), wishes)
    assert np.sin(1.0) == pytest.approx(np.sin(1.0 + 2 * np.pi))
    assert kept[1] == -3.1
    assert abs(kept[2] - 7.0) <= np.pi


def test_limits_and_fixed_values_are_never_violated():
    structure = sf.structure(problems.two_decays, T)
    values = np.array([1.0, 4.0, 2.0, 0.5])
    wishes = Wishes.none(4)
    wishes.lower[1] = 1.0
    assert canonical(structure, values, wishes).tolist() == values.tolist()
    wishes = Wishes.none(4)
    wishes.fixed[0] = 1.0
    assert canonical(structure, values, wishes).tolist() == values.tolist()
    structure = sf.structure(problems.sine, T)
    wishes = Wishes.none(3)
    wishes.lower[2], wishes.upper[2] = 0.0, 2 * np.pi
    assert canonical(structure, np.array([1.0, 2.0, 4.0]), wishes).tolist() == [1.0, 2.0, 4.0]


def test_values_that_are_not_finite_stay_as_they_are():
    structure = sf.structure(problems.sine, T)
    values = np.array([np.nan, -1.0, 9.0])
    np.testing.assert_array_equal(canonical(structure, values), values)


def two_peaks(x, A1, m1, w1, A2, m2, w2):
    return A1 * np.exp(-(((x - m1) / w1) ** 2)) + A2 * np.exp(-(((x - m2) / w2) ** 2))


def test_a_fit_reports_the_canonical_form_whatever_the_key():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 10, 150)
    y = two_peaks(x, 3, 7, 0.8, 2, 3, 1.1) + rng.normal(0, 0.05, 150)
    for key in range(2):
        values = sf.fit(x, y, two_peaks, yerr=0.05, key=key).values
        assert values["m1"] < values["m2"]
        assert min(values["w1"], values["w2"]) > 0
    started = sf.fit(x, y, two_peaks, yerr=0.05, start={"m1": 7, "m2": 3}).values
    assert started["m1"] > started["m2"]
    limited = sf.fit(x, y, two_peaks, yerr=0.05, bounds={"m1": (5, 9), "w1": (0.1, 3)}).values
    assert limited["m1"] > limited["m2"]


def test_defaults_in_the_signature_name_the_blocks():
    def fast_and_slow(t, A, fast=0.5, B=1.0, slow=5.0):
        return A * np.exp(-t / slow) + B * np.exp(-t / fast)

    rng = np.random.default_rng(0)
    y = fast_and_slow(T, 1.0, 0.4, 2.0, 4.0) + rng.normal(0, 0.01, len(T))
    values = sf.fit(T, y, fast_and_slow, yerr=0.01).values
    assert values["fast"] < values["slow"]
    swapped = sf.fit(T, y, lambda t, A, s=5.0, B=1.0, f=0.5: fast_and_slow(t, A, s, B, f), 0.01)
    assert swapped.values["s"] > swapped.values["f"]


def test_a_logistic_curve_over_a_constant_rises_with_a_positive_rate():
    structure = sf.structure(problems.logistic_over_constant, T)
    top, rate, middle, bottom = canonical(structure, np.array([-2.0, -3.0, 1.0, 5.0]))
    assert (top, rate, middle, bottom) == (2.0, 3.0, 1.0, 3.0)


def test_a_parameter_that_does_nothing_is_reported_at_rest():
    def decay(x, height, rate, unused):
        return height * np.exp(-rate * x)

    x = np.linspace(0, 5, 40)
    y = decay(x, 2.0, 0.7, 0.0) + 0.05 * np.random.default_rng(1).standard_normal(40)
    assert sf.fit(x, y, decay, yerr=0.05).values["unused"] == 1.0
    assert sf.fit(x, y, decay, yerr=0.05, start={"unused": 4.0}).values["unused"] == 4.0
    assert sf.fit(x, y, decay, yerr=0.05, bounds={"unused": (2.0, 9.0)}).values["unused"] == 2.0
    assert sf.fit(x, y, decay, yerr=0.05, fixed={"unused": 7.0}).values["unused"] == 7.0
