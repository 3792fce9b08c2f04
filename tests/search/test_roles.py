"""Roles are recognized from how a function answers to moving and stretching x."""

import numpy as np
import pytest

from surefit.data.scales import Scales
from surefit.models.sampling import ROLES, UNKNOWN
from surefit.search.roles import role_weights

X = np.sort(np.random.default_rng(3).uniform(20, 50, 150))
SCALES = Scales((20.0,), (50.0,), (0.2,), -1.0, 1.0)


def likely(predict, linear, x=X, scales=SCALES):
    """The most frequent role of each parameter, None where nothing is preferred."""
    weights = role_weights(predict, x, scales, np.array(linear), np.random.default_rng(0))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    return [None if np.array_equal(row, UNKNOWN) else ROLES[int(np.argmax(row))] for row in weights]


def test_a_peak_has_a_location_and_a_width():
    def peak(v, x):
        return v[0] * np.exp(-0.5 * ((x - v[1]) / v[2]) ** 2) + v[3]

    found = likely(peak, [True, False, False, True])
    assert found[1:3] == ["location", "width"]


def test_a_wave_has_a_rate_that_may_be_a_frequency():
    def wave(v, x):
        return v[0] * np.sin(v[1] * x + v[2])

    weights = role_weights(
        wave, X, SCALES, np.array([True, False, False]), np.random.default_rng(0)
    )
    assert weights[1, ROLES.index("frequency")] == pytest.approx(
        weights[1, ROLES.index("rate")], 0.2
    )
    assert weights[1, ROLES.index("frequency")] > 0.4


def test_each_term_of_a_sum_has_its_own_roles():
    def both(v, x):
        return v[0] * np.exp(-v[1] * (x - 20)) + v[2] / (1 + ((x - v[3]) / v[4]) ** 2)

    found = likely(both, [True, False, True, False, False])
    assert found[3:] == ["location", "width"]


def test_an_exponent_of_x_itself_is_left_open():
    found = likely(lambda v, x: v[0] * x ** v[1] + v[2], [True, False, True])
    assert found[1] is None


def test_a_spot_in_two_dimensions_has_two_locations():
    x = np.random.default_rng(4).uniform(0, 1, (300, 2))

    def spot(v, x):
        return v[0] * np.exp(
            -((x[:, 0] - v[1]) ** 2) / v[3] ** 2 - (x[:, 1] - v[2]) ** 2 / v[4] ** 2
        )

    scales = Scales((0.0, 0.0), (1.0, 1.0), (0.01, 0.01), 0.0, 1.0)
    found = likely(spot, [True, False, False, False, False], x, scales)
    assert found[1:3] == ["location", "location"]
