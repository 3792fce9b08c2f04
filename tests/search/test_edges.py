"""Where points change side along a line: known roots of the comparisons of known functions."""

import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.models.function import as_model
from surefit.search.edges import edges_along

X = np.sort(np.random.default_rng(1).uniform(0, 10, 40))


def edges(function, values, direction):
    model = as_model(function).resolve(check_data(X, np.zeros(len(X))))
    return edges_along(model, np.array(values, float), X, np.array(direction, float), 20.0)


def window(x, center, half, height):
    return height * (abs(x - center) < half)


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ((1, 0, 0), np.concatenate([X - 1.5, X + 1.5]) - 4),
        ((0, 1, 0), np.abs(X - 4) - 1.5),
        ((1, 1, 0), (X - 5.5) / 2),  # the lower edge, center - half, stays
        ((1, -1, 0), (X - 2.5) / 2),
        ((0, 0, 1), np.zeros(0)),
    ],
)
def test_both_edges_of_a_window_are_found(direction, expected):
    found = edges(window, (4, 1.5, 1), direction)
    for edge in expected[np.abs(expected) < 10]:
        assert np.abs(found - edge).min() < 1e-12


def test_widths_at_which_points_change_stairs_are_quotients_by_whole_numbers():
    def stairs(x, width, height):
        return height * np.floor(x / width)

    found = 2.0 + edges(stairs, (2, 1), (1, 0))
    for k in (1, 2, 3):
        near = X / k
        near = near[np.abs(np.floor(X / 2.0) - k) <= 1]
        assert all(np.abs(found - edge).min() < 1e-12 for edge in near[near > 1.2])


def test_nothing_is_known_of_a_built_in_model():
    model = sf.Line().resolve(check_data(X, X))
    assert len(edges_along(model, np.ones(2), X, np.ones(2), 20.0)) == 0
