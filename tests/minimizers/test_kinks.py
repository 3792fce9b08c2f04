import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.kinks import leave_kink
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.fitted import fitted


def kinked(x, a, b):
    return np.abs(x - a) + b


@double_precision
def problem():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    data = check_data(x, np.abs(x) - (x == 0), 1.0)
    return fitted(Function(kinked).resolve(data), data, LeastSquares())


@double_precision
def test_a_point_that_is_not_at_the_minimum_is_left():
    point, _ = leave_kink(problem(), np.array([0.4, 0.5]))
    assert problem().value(point[None])[0] < problem().value(np.array([[0.4, 0.5]]))[0]


@double_precision
def test_a_minimum_on_a_kink_is_recognized():
    # Seen from the best b, −2 ln L has its minimum where the kink meets the middle point.
    grid = np.linspace(-0.5, 0.5, 201)
    values = [problem().value(np.array([[a, -0.2]]))[0] for a in grid]
    assert grid[np.argmin(values)] == pytest.approx(0.0, abs=1e-9)
    point, is_minimum = leave_kink(problem(), np.array([0.0, -0.2]))
    assert is_minimum
    assert point == pytest.approx([0.0, -0.2], abs=0.02)
