import numpy as np
import pytest

from surefit.bases.activations import ACTIVATIONS, LeakyRelu, Linear, Step
from surefit.bases.slopes import fill_for

SHAPES = [shape for shape in ACTIVATIONS.values() if fill_for(shape)] + [LeakyRelu(slope=0.3)]


def filled(shape, z):
    value, slope = np.empty_like(z), np.empty_like(z)
    fill_for(shape)(z, value, slope)
    return value, slope


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_values_filled_in_place_are_those_of_the_shape(shape):
    z = np.linspace(-30.0, 30.0, 1201)
    before = z.copy()
    np.testing.assert_allclose(filled(shape, z)[0], shape(z), rtol=1e-12, atol=1e-14)
    assert np.array_equal(z, before)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_slopes_filled_in_place_are_those_of_central_differences(shape):
    z = np.linspace(-6.0, 6.0, 480) + 1e-3  # clear of the knots at 0
    step = 1e-5
    expected = (shape(z + step) - shape(z - step)) / (2 * step)
    np.testing.assert_allclose(filled(shape, z)[1], expected, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_huge_arguments_neither_overflow_nor_warn(shape):
    z = np.array([-1e12, -1e4, 1e4, 1e12])
    value, slope = filled(shape, z)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("shape", [Step(), Linear()], ids=repr)
def test_shapes_without_a_useful_slope_have_no_filling(shape):
    assert fill_for(shape) is None
