"""−2 ln L in all cells along a line, by cumulative sums: the same as evaluating each of them."""

import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.models.function import as_model
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.problem.projected import projected, searched_part
from surefit.search import cell_values
from surefit.search.cells import middles
from surefit.search.edges import crossings_along

RNG = np.random.default_rng(3)
X = np.sort(RNG.uniform(0, 1, 90))
Y = RNG.standard_normal(len(X)) + 3 * (abs(X - 0.4) < 0.2)
SIGMA = RNG.uniform(0.5, 2.0, len(X))


def lesson(x, a, b, rate, d, e, f):
    return np.where(abs(x - a) < b, np.sin(rate * x), d + e * x + f * x**2)


def window(x, center, half, height, base):
    return base + height * (abs(x - center) < half)


def two_edges(x, low, high, height, base):
    return base + height * ((x > low) & (x < high))


def bare_window(x, low, high):
    return 2.0 * ((x > low) & (x < high))


def gated(x, start, rate, height):
    return height * np.exp(-rate * (x - start)) * (x > start)


def stairs(x, start, height):
    return height * np.floor(8 * (x - start))


LINES = {
    "lesson, one edge": (lesson, (0.45, 0.2, 20.0, 0, 0, 0), (1, 1, 0, 0, 0, 0)),
    "lesson, the other": (lesson, (0.45, 0.2, 20.0, 0, 0, 0), (1, -1, 0, 0, 0, 0)),
    "lesson, window moved": (lesson, (0.45, 0.2, 20.0, 0, 0, 0), (1, 0, 0, 0, 0, 0)),
    "lesson, window widened": (lesson, (0.45, 0.2, 20.0, 0, 0, 0), (0, 1, 0, 0, 0, 0)),
    "wide window moved": (window, (0.5, 0.4, 0, 0), (1, 0, 0, 0)),
    "edge of two": (two_edges, (0.3, 0.7, 0, 0), (1, 0, 0, 0)),
    "edge beyond the other": (two_edges, (0.9, 0.4, 0, 0), (1, 0, 0, 0)),
    "nothing linear": (bare_window, (0.3, 0.7), (0, 1)),
}


def parts(function, values, direction, longest=2.0):
    data = check_data(X, Y, SIGMA)
    model = as_model(function).resolve(data)
    screen = projected(fitted(model, data, LeastSquares()))
    values, direction = np.array(values, float), np.array(direction, float)
    crossings = crossings_along(model, values, X, direction, longest)
    point, line = (searched_part(screen, one[None])[0] for one in (values, direction))
    return screen, point, line, middles(crossings.edges, longest), crossings


@pytest.mark.parametrize("name", LINES)
@double_precision
def test_they_are_those_of_each_cell_by_itself(name):
    screen, point, line, places, crossings = parts(*LINES[name])
    found = cell_values.values_in_cells(screen, point, line, places, crossings)
    assert len(places) > 50
    assert found is not None
    expected = screen.value(point + places[:, None] * line)
    # Cells that leave three points for a parabola have normal equations that lose most digits.
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.median(np.abs(found / expected - 1)) < 1e-12


@double_precision
def test_where_the_line_also_moves_the_curve_nothing_is_claimed():
    arguments = parts(gated, (0.3, 2.0, 1.0), (1, 0, 0))
    assert cell_values.values_in_cells(*arguments) is None


@double_precision
def test_points_that_change_side_too_often_are_left_to_others(monkeypatch):
    monkeypatch.setattr(cell_values, "MOST", 3)
    assert cell_values.values_in_cells(*parts(*LINES["lesson, window moved"])) is None
    assert cell_values.values_in_cells(*parts(*LINES["lesson, one edge"])) is not None


@double_precision
def test_whole_numbers_of_which_only_the_next_are_known_are_left_to_others():
    assert cell_values.values_in_cells(*parts(stairs, (0.05, 0), (1, 0))) is None


@double_precision
def test_crossings_of_unknown_points_are_left_to_others():
    screen, point, line, places, crossings = parts(*LINES["edge of two"])
    crossings.points[:] = -1
    assert cell_values.values_in_cells(screen, point, line, places, crossings) is None


@pytest.mark.parametrize("seed", range(5))
def test_each_range_has_one_of_the_fewest_indices(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 40, 30)
    last = first + rng.integers(0, 15, 30)
    chosen = cell_values._piercing(first, last)
    assert all(np.any((first[i] <= chosen) & (chosen <= last[i])) for i in range(30))
    # So many ranges have nothing in common, pair by pair: fewer indices could not do.
    apart, end = 0, -1
    for i in np.argsort(last):
        if first[i] > end:
            apart, end = apart + 1, last[i]
    assert len(chosen) == apart
