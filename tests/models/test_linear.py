from fractions import Fraction

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

import surefit
from surefit.data.checked import check_data
from surefit.exceptions import ConstantInput, ShapeMismatch, TooFewPoints
from surefit.models.linear import Constant, Line, Plane
from tests.bases.exact_fit import least_squares

generator = np.random.default_rng(7)


def fitted(model, x, y, sigma=None):
    """Fit by QR and convert: the resolved model, its values and the reported ones."""
    model = model.resolve(check_data(x, y, sigma))
    values = least_squares(model, x, y, sigma)
    conversion = model.conversion()
    return model, values, values if conversion is None else conversion.matrix @ values


def lessons_line():
    x = generator.uniform(-5, 5, 100)
    return x, 2 * x + 3 + generator.normal(0, 3, 100)


def lessons_plane(n=2000):
    weight, bias = np.array([[1.1, 2.2], [3.3, 4.4], [5.5, 6.6]]), np.array([7.7, 8.8, 9.9])
    x = generator.uniform(-5, 5, (n, 2))
    return x, x @ weight.T + bias + generator.normal(0, 1, (n, 3)), weight, bias


def exact_line(x, y):
    """Intercept and slope in rational arithmetic."""
    x, y, n = [Fraction(float(v)) for v in x], [Fraction(float(v)) for v in y], len(x)
    sx, sy = sum(x), sum(y)
    sxx, sxy = sum(v * v for v in x), sum(v * w for v, w in zip(x, y, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return float((sy - slope * sx) / n), float(slope)


def test_the_lessons_line_is_exact():
    x, y = lessons_line()
    model, _, reported = fitted(Line(), x, y)
    assert model.conversion().parameters.names == ("intercept", "slope")
    assert np.allclose(reported, exact_line(x, y), rtol=1e-13)


@pytest.mark.parametrize(
    ("scale", "offset"), [(1e-9, 0.0), (1e9, 0.0), (1.0, 1e6), (1e-3, 1e6), (10.0, 1.7e9)]
)
def test_a_line_is_exact_whatever_the_scale_and_offset_of_x(scale, offset):
    x = offset + scale * generator.uniform(0, 1, 50)
    y = generator.normal(size=50)
    model, values, reported = fitted(Line(), x, y)
    intercept, slope = exact_line(x, y)
    lost = model.conversion().digits_lost
    assert reported[1] == pytest.approx(slope, rel=1e-13)
    assert reported[0] == pytest.approx(intercept, rel=1e-13)
    curve = [float(Fraction(intercept) + Fraction(slope) * Fraction(v)) for v in x]
    assert np.allclose(model.evaluate(values, x)[:, 0], curve, atol=1e-15 * 10**lost)


def test_digits_lost_of_a_line_is_how_much_offset_exceeds_spread():
    x = 1e6 + np.linspace(-1, 1, 101)
    lost = Line().resolve(check_data(x, x)).conversion().digits_lost
    assert lost == pytest.approx(np.log10(1e6 / np.std(x)))
    x = np.linspace(-1, 1, 101)
    assert Line().resolve(check_data(x, x)).conversion().digits_lost == 0.0


def test_the_bias_is_one_more_column_of_ones():
    x, y, _, _ = lessons_plane()
    model, _, reported = fitted(Plane(), x, y)
    arrays = model.conversion().parameters.split(reported)
    with_ones = np.hstack([x, np.ones((len(x), 1))])
    expected = np.linalg.lstsq(with_ones, y, rcond=None)[0].T  # (3, 2 + 1), no bias anywhere
    assert np.allclose(np.hstack([arrays["weight"], arrays["bias"][:, None]]), expected, rtol=1e-12)


def test_the_lessons_plane_is_recovered_within_its_errors():
    x, y, weight, bias = lessons_plane()
    model, values, reported = fitted(Plane(), x, y)
    arrays = model.conversion().parameters.split(reported)
    assert arrays["weight"].shape == (3, 2)
    assert np.max(np.abs(arrays["weight"] - weight)) < 5 / np.sqrt(2000 * 25 / 3)
    assert np.max(np.abs(arrays["bias"] - bias)) < 5 / np.sqrt(2000)
    assert np.allclose(model.columns(x) @ values, model.evaluate(values, x), atol=1e-12)


def test_names_and_shapes_of_a_plane():
    x = generator.normal(size=(9, 2))
    single = Plane().resolve(check_data(x, x[:, 0])).conversion().parameters
    assert single.names == ("weight[0]", "weight[1]", "bias")
    double = Plane().resolve(check_data(x, x)).conversion().parameters
    assert double.names == (
        *("weight[0,0]", "weight[0,1]", "weight[1,0]", "weight[1,1]"),
        *("bias[0]", "bias[1]"),
    )
    assert Plane().resolve(check_data(x[:, 0], x[:, 1])).parameters().size == 2


def test_a_plane_of_one_input_is_a_line():
    x, y = lessons_line()
    _, _, (weight, bias) = fitted(Plane(), x, y)
    _, _, (intercept, slope) = fitted(Line(), x, y)
    assert (weight, bias) == pytest.approx((slope, intercept), rel=1e-13)


def test_a_line_of_several_outputs_is_each_alone():
    x, y = lessons_line()
    outputs = np.stack([y, y**2, x], axis=1)
    model, _, reported = fitted(Line(), x, outputs)
    arrays = model.conversion().parameters.split(reported)
    for k in range(3):
        _, _, (intercept, slope) = fitted(Line(), x, outputs[:, k])
        assert arrays["intercept"][k] == pytest.approx(intercept, rel=1e-12, abs=1e-13)
        assert arrays["slope"][k] == pytest.approx(slope, rel=1e-12, abs=1e-13)


def test_a_constant_is_the_weighted_mean_of_each_output():
    y, sigma = generator.normal(size=(20, 2)), generator.uniform(1, 2, 20)
    model = Constant().resolve(check_data(np.ones((20, 3)), y, sigma[:, None]))
    values = least_squares(model, np.ones((20, 3)), y, sigma)
    assert np.allclose(values, np.average(y, axis=0, weights=sigma**-2), rtol=1e-13)
    assert model.parameters().names == ("value[0]", "value[1]")
    assert Constant().parameters().names == ("value",)
    assert model.evaluate(values, np.zeros(5)).shape == (5, 2)


@pytest.mark.parametrize("model", [Line(), Plane()], ids=str)
def test_direct_forms_work_with_the_reported_parameters(model):
    x, y = lessons_line()
    _, _, reported = fitted(model, x, y)
    direct, values, _ = fitted(model.direct(), x, y)
    centered = model.resolve(check_data(x, y))
    assert direct.conversion() is None
    assert direct.parameters() == centered.conversion().parameters
    assert centered.direct() == direct
    assert np.allclose(values, reported, rtol=1e-12)
    assert Constant().direct() == Constant()


@hypothesis.settings(max_examples=20, deadline=None, derandomize=True)
@hypothesis.given(
    exponent=st.integers(-30, 30), offset=st.integers(-1000, 1000), seed=st.integers(0, 99)
)
def test_shifting_scaling_and_reordering_move_the_line_as_they_should(exponent, offset, seed):
    x = np.random.default_rng(seed).integers(-(2**20), 2**20, 30) / 2.0**16
    y = np.random.default_rng(seed + 1).normal(size=30)
    order = np.random.default_rng(seed + 2).permutation(30)
    scale = 2.0**exponent
    _, _, (intercept, slope) = fitted(Line(), x, y)
    _, _, (moved, slower) = fitted(Line(), ((x + offset) * scale)[order], y[order])
    assert slower * scale == pytest.approx(slope, rel=1e-11, abs=1e-13)
    assert moved == pytest.approx(intercept - slope * offset, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("model", [Constant(), Line(), Plane(), Line().direct(), Plane().direct()])
def test_jax_and_numpy_agree(model):
    import jax
    import jax.numpy as jnp

    x = generator.normal(size=(8, 1 if isinstance(model, Line) else 3))
    model = model.resolve(check_data(x, generator.normal(size=(8, 2))))
    values = generator.normal(size=model.parameters().size)
    with jax.enable_x64(True):
        curve = jax.jit(model.evaluate)(jnp.asarray(values), jnp.asarray(x))
        columns = model.columns(jnp.asarray(x))
        slope = jax.jacfwd(model.evaluate)(jnp.asarray(values), x)
        assert isinstance(columns, jax.Array)
        assert np.allclose(curve, model.evaluate(values, x), atol=1e-13)
        assert np.allclose(columns, model.columns(x), atol=1e-13)
        assert np.allclose(slope, model.columns(x), atol=1e-13)


def test_constructors_are_shown_as_typed():
    x, y = lessons_line()
    for model, label in [(Constant(), "constant"), (Line(), "line"), (Plane(), "plane")]:
        resolved = model.resolve(check_data(x, y))
        assert str(resolved) == str(model) == f"{type(model).__name__}()"
        assert hash(resolved) == hash(model.resolve(check_data(x, y)))
        assert resolved.label == label
        assert resolved.is_pointwise
        assert resolved.canonical(np.ones(2)).tolist() == [1, 1]
        assert Constant().conversion() is None
    assert str(Line() + Constant()) == "Line() + Constant()"


def test_constant_inputs_are_named():
    x = generator.normal(size=(10, 3))
    x[:, 1] = 4
    with pytest.raises(ConstantInput, match=r"x is 4 at every point.*Line\(\).*sf.Constant"):
        Line().resolve(check_data(x[:, 1], x[:, 0]))
    with pytest.raises(ConstantInput, match=r"column 1 of x \(counted from 0\) is 4 at every"):
        Plane().resolve(check_data(x, x[:, 0]))


def test_wrong_numbers_of_inputs_and_points_are_refused():
    x = generator.normal(size=(10, 3))
    with pytest.raises(ShapeMismatch, match=r"Line\(\) takes one input but x has 3.*sf.Plane"):
        Line().resolve(check_data(x, x[:, 0]))
    with pytest.raises(TooFewPoints, match="4 free parameters but there are only 3"):
        surefit.fit(x[:3], x[:3, 0], Plane())
    with pytest.raises(TooFewPoints, match="at least 2 points"):
        Line().resolve(check_data([1.0], [2.0]))
    plane = Plane().resolve(check_data(x, x[:, 0]))
    with pytest.raises(ShapeMismatch, match=r"fitted with 3 inputs but x has 2"):
        plane.columns(x[:, :2])
