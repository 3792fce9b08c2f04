import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.test_util import check_grads

from surefit.bases.activations import ACTIVATIONS, LeakyRelu, Logistic
from surefit.bases.sigmoids import Sigmoids
from surefit.data.checked import check_data
from surefit.exceptions import ConstantInput, InvalidModel, InvalidOption, InvalidType
from surefit.models.adaptive import AdaptiveSum, adaptive_form
from surefit.models.linear import Constant, Line, Plane
from surefit.models.units import UnitValues

X = np.linspace(-1.0, 2.0, 31)
SHAPES = ["logistic", "tanh", "relu", "leaky_relu", "gaussian", "sine", "softplus", "step"]


def resolved(n, shape="logistic", n_inputs=1, n_outputs=1):
    return Sigmoids(n, shape, n_inputs=n_inputs, n_outputs=n_outputs)


def draw(model, seed=0):
    return np.random.default_rng(seed).normal(size=model.parameters().size)


def inputs(n_inputs, seed=1):
    x = np.random.default_rng(seed).normal(size=(40, n_inputs))
    return x[:, 0] if n_inputs == 1 else x


def sum_of_terms(model, values, x):
    """The sum of the absolute terms: what rounding errors are measured against."""
    units = model.to_units(values)
    argument = x.reshape(len(x), -1) @ units.weight.T + units.bias
    return np.abs(model.shape(argument)) @ np.abs(units.coefficient) + 1e-300


def test_formula_is_the_one_of_the_lesson():
    a, b, c = np.array([0.2, 0.9]), np.array([0.1, -0.05]), np.array([3.0, -2.0])
    expected = sum(c[j] / (1 + np.exp((X - a[j]) / b[j])) for j in range(2))
    values = np.concatenate([c, a, b])
    model = Sigmoids(2).resolve(check_data(X, X))
    np.testing.assert_allclose(model.evaluate(values, X)[:, 0], expected, rtol=1e-14)
    np.testing.assert_array_equal(model.evaluate(values, X[:, None]), model.evaluate(values, X))


@pytest.mark.parametrize("name", ["tanh", "relu", "gaussian"])
def test_other_shapes_take_x_minus_center_over_width(name):
    values = np.array([3.0, -2.0, 0.2, 0.9, 0.1, -0.05])
    expected = sum(
        values[j] * ACTIVATIONS[name]((X - values[2 + j]) / values[4 + j]) for j in range(2)
    )
    np.testing.assert_allclose(
        resolved(2, name).evaluate(values, X)[:, 0], expected, rtol=1e-13, atol=1e-13
    )


def test_many_inputs_and_outputs_have_weights_and_a_coefficient_for_each_output():
    x = inputs(3)
    model = Sigmoids(4, "tanh").resolve(check_data(x, x[:, :2]))
    parameters = model.parameters()
    assert [item.path for item in parameters.items] == ["coefficient", "weight", "bias"]
    assert [item.shape for item in parameters.items] == [(4, 2), (4, 3), (4,)]
    assert parameters.linear.tolist() == [True] * 8 + [False] * 16
    values = draw(model)
    c, w, b = values[:8].reshape(4, 2), values[8:20].reshape(4, 3), values[20:]
    expected = [[np.tanh(w @ point + b) @ c[:, k] for k in range(2)] for point in x]
    np.testing.assert_allclose(model.evaluate(values, x), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [0.0, -0.0, 1e-320, -1e-320, 1e-200, 1e300, np.inf])
def test_no_width_overflows_or_warns(shape, width):
    model = resolved(1, shape)
    values = np.array([2.0, 0.2, width])
    x = np.array([-1e9, 0.2, 1e9])
    assert np.isfinite(model.evaluate(values, x)).all()
    assert np.isfinite(model.canonical(values)[:2]).all()
    with jax.enable_x64(True):
        gradient = jax.jit(jax.grad(lambda v: jnp.sum(model.evaluate(v, x[1:]))))(values)
        assert np.isfinite(np.asarray(gradient)).all()


def test_width_zero_is_the_limit_of_small_widths():
    x = np.array([0.0, 0.2, 0.4])
    for width, expected in [(0.0, [2.0, 1.0, 0.0]), (-1e-300, [0.0, 1.0, 2.0])]:
        values = np.array([2.0, 0.2, width])
        assert resolved(1).evaluate(values, x)[:, 0].tolist() == expected


def test_units_far_from_the_origin_keep_their_digits():
    x = 1e6 + X
    values = np.array([1.0, 1e6 + 0.5, 0.25])
    near = resolved(1).evaluate(np.array([1.0, 0.5, 0.25]), X)
    np.testing.assert_allclose(resolved(1).evaluate(values, x), near, rtol=1e-8)


@pytest.mark.parametrize(("shape", "n_inputs"), [("logistic", 1), ("gaussian", 1), ("tanh", 2)])
def test_derivatives_are_right(shape, n_inputs):
    model, x = resolved(2, shape, n_inputs, 2), inputs(n_inputs)
    with jax.enable_x64(True):
        function = jax.jit(lambda values: model.evaluate(values, x))
        check_grads(function, (jnp.asarray(draw(model)),), order=1, rtol=1e-6)


@given(
    shape=st.sampled_from(SHAPES),
    n_inputs=st.integers(1, 2),
    n_outputs=st.integers(1, 2),
    seed=st.integers(0, 10**6),
)
def test_canonical_form_is_one_for_all_orders_signs_and_scales(shape, n_inputs, n_outputs, seed):
    model = resolved(4, shape, n_inputs, n_outputs)
    law = model.shape.symmetry
    rng, values, x = np.random.default_rng(seed), draw(model, seed), inputs(n_inputs)
    order = rng.permutation(4)
    flips = rng.choice([-1.0, 1.0], size=4) if law.sign != 0 and law.constant == 0 else np.ones(4)
    scales = rng.uniform(0.1, 10, size=4) if law.degree is not None else np.ones(4)
    arrays = model.parameters().split(values)
    coefficient = arrays["coefficient"].reshape(4, -1) * np.where(flips < 0, law.sign, 1)[:, None]
    coefficient = coefficient / scales[:, None] ** (law.degree or 0)
    changed = {"coefficient": coefficient[order]}
    if n_inputs == 1:
        changed |= {"center": arrays["center"][order]}
        changed |= {"width": (arrays["width"] * flips / scales)[order]}
    else:
        changed |= {"weight": (arrays["weight"] * (flips * scales)[:, None])[order]}
        changed |= {"bias": (arrays["bias"] * flips * scales)[order]}
    other = model.parameters().join(changed)
    canonical = model.canonical(values)
    scale = sum_of_terms(model, values, x)
    assert np.all(np.abs(model.evaluate(other, x) - model.evaluate(values, x)) < 1e-12 * scale)
    assert np.all(np.abs(model.evaluate(canonical, x) - model.evaluate(values, x)) < 1e-12 * scale)
    np.testing.assert_allclose(model.canonical(other), canonical, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(model.canonical(canonical), canonical, rtol=1e-14, atol=1e-15)


def test_canonical_form_sorts_by_center_and_takes_free_signs_and_scales():
    unsorted = np.array([1.0, 2.0, 0.9, 0.1, -0.5, 4.0])
    assert resolved(2).canonical(unsorted).tolist() == [2.0, 1.0, 0.1, 0.9, 4.0, -0.5]
    assert resolved(2, "tanh").canonical(unsorted).tolist() == [2.0, -1.0, 0.1, 0.9, 4.0, 0.5]
    assert resolved(2, "gaussian").canonical(unsorted).tolist() == [2.0, 1.0, 0.1, 0.9, 4.0, 0.5]
    assert resolved(2, "relu").canonical(unsorted).tolist() == [0.5, 2.0, 0.1, 0.9, 1.0, -1.0]
    not_finite = np.array([1.0, 2.0, np.nan, 0.1, 0.3, 0.4])
    np.testing.assert_array_equal(resolved(2).canonical(not_finite), not_finite)


@given(
    shape=st.sampled_from(["logistic", "tanh", "gaussian", "step", "relu"]),
    n_inputs=st.integers(1, 2),
    seed=st.integers(0, 10**6),
)
def test_beside_a_constant_widths_are_positive_where_a_sign_can_be_undone(shape, n_inputs, seed):
    data = check_data(inputs(n_inputs), inputs(1)[:, None] * [1.0, 2.0])
    model = (Constant() + Sigmoids(3, shape)).resolve(data)
    form = adaptive_form(model)
    values = draw(model, seed)
    canonical = form.canonical(values)
    np.testing.assert_allclose(
        model.evaluate(canonical, data.x), model.evaluate(values, data.x), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(form.canonical(canonical), canonical, rtol=1e-14)
    if n_inputs == 1 and shape != "relu":
        assert (form.parameters().split(canonical)["sigmoids.width"] > 0).all()


@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(1, 1), (1, 2), (3, 1), (3, 2)])
@pytest.mark.parametrize("shape", ["logistic", "tanh", "relu"])
def test_units_are_the_same_function_both_ways(shape, n_inputs, n_outputs):
    model, x = resolved(4, shape, n_inputs, n_outputs), inputs(n_inputs)
    units, values = model.units(), draw(model)
    parts = model.to_units(values)
    assert (units.n_units, units.n_inputs, units.n_outputs) == (4, n_inputs, n_outputs)
    argument = x.reshape(len(x), -1) @ parts.weight.T + parts.bias
    expected = model.evaluate(values, x)
    np.testing.assert_allclose(units.shape(argument) @ parts.coefficient, expected, atol=1e-11)
    np.testing.assert_allclose(model.from_units(parts), values, rtol=1e-14)


def test_a_unit_without_slope_becomes_a_constant_in_the_sum():
    parts = UnitValues(np.zeros((1, 1)), np.array([0.7]), np.array([[3.0]]), np.zeros(0))
    model = resolved(1)
    prediction = model.evaluate(model.from_units(parts), np.array([-1e9, 0.0, 1e9]))
    expected = 3.0 * Logistic()(np.full(3, 0.7))
    np.testing.assert_allclose(prediction[:, 0], expected, rtol=1e-15)


def test_a_sum_with_one_adaptive_part_is_adaptive():
    x = inputs(2)
    data = check_data(x, x)
    model = (Plane().direct() + Sigmoids(3) + Constant()).resolve(data)
    form = adaptive_form(model)
    assert isinstance(form, AdaptiveSum)
    values = draw(model)
    units, parts = form.units(), form.to_units(values)
    argument = x @ parts.weight.T + parts.bias
    expected = units.shape(argument) @ parts.coefficient + units.extra.evaluate(parts.extra, x)
    np.testing.assert_allclose(model.evaluate(values, x), expected, atol=1e-12)
    np.testing.assert_allclose(
        units.extra.columns(x) @ parts.extra, units.extra.evaluate(parts.extra, x)
    )
    np.testing.assert_allclose(form.from_units(parts), values, rtol=1e-14)
    assert form.parameters() == model.parameters()
    assert str(form) == "Plane() + Sigmoids(3) + Constant()"
    assert form.resolve(data) == form


def test_other_models_are_not_adaptive():
    data = check_data(X, X)
    assert adaptive_form(Line().resolve(data)) is None
    assert adaptive_form((Line() + Constant()).resolve(data)) is None
    assert adaptive_form((Sigmoids(2) + Sigmoids(3)).resolve(data)) is None
    assert isinstance(adaptive_form(Sigmoids(2).resolve(data)), Sigmoids)
    alone = adaptive_form(Sigmoids(2).named("edge").resolve(data))
    assert alone.units().extra is None
    assert alone.canonical_with_constant(np.array([1.0, 1, 0, 1, 1, 1]))[1].tolist() == [0.0]


def test_descriptions_are_values_and_print_as_typed():
    assert Sigmoids(5) == Sigmoids(5, "logistic") == Sigmoids(np.int64(5), shape=Logistic())
    assert len({Sigmoids(5), Sigmoids(5, "logistic"), Sigmoids(5, "tanh")}) == 2
    assert str(Sigmoids(5)) == "Sigmoids(5)"
    assert str(Sigmoids(5, "tanh")) == 'Sigmoids(5, shape="tanh")'
    assert str(Sigmoids(5, LeakyRelu(slope=0.5))) == "Sigmoids(5, shape=LeakyRelu(slope=0.5))"
    assert Sigmoids(5).label == "sigmoids"


def test_wrong_use_is_explained():
    with pytest.raises(InvalidOption, match="n is 0 but must be at least 1"):
        Sigmoids(0)
    with pytest.raises(InvalidType, match=r"n must be a whole number, not 2\.5"):
        Sigmoids(2.5)
    with pytest.raises(InvalidType, match="n must be a whole number, not True"):
        Sigmoids(True)
    with pytest.raises(InvalidOption, match=r'shape is "gausian".*"gaussian"'):
        Sigmoids(3, "gausian")
    with pytest.raises(InvalidModel, match=r"Sigmoids\(3\) has not met data yet"):
        Sigmoids(3).parameters()
    with pytest.raises(ConstantInput, match=r"Every x is 2.0, so Sigmoids\(3\)"):
        Sigmoids(3).resolve(check_data([2, 2, 2], [1, 2, 3]))
