import dataclasses

import numpy as np
import pytest
import scipy.special

from surefit.bases.polynomials import (
    Chebyshev,
    Hermite,
    Jacobi,
    Laguerre,
    Legendre,
    Polynomial,
)
from surefit.data.checked import check_data
from surefit.exceptions import (
    ConstantInput,
    InvalidModel,
    InvalidOption,
    InvalidType,
    ShapeMismatch,
)
from surefit.models.base import AbstractLinearModel
from tests.bases.exact_fit import least_squares
from tests.bases.samples import FAMILIES, NAMES, fitted, reported, sample

every_family = pytest.mark.parametrize("family", FAMILIES, ids=NAMES)


REFERENCES = {
    "Polynomial": (Polynomial, lambda k, u: u**k, (-1.0, 1.0)),
    "Chebyshev": (Chebyshev, scipy.special.eval_chebyt, (-1.0, 1.0)),
    "Legendre": (Legendre, scipy.special.eval_legendre, (-1.0, 1.0)),
    "Jacobi": (FAMILIES[3], lambda k, u: scipy.special.eval_jacobi(k, 0.5, 1.5, u), (-1.0, 1.0)),
    "Laguerre": (Laguerre, scipy.special.eval_laguerre, (0.0, 24.0)),
    "Hermite": (Hermite, scipy.special.eval_hermite, (-(12**0.5), 12**0.5)),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_columns_equal_the_polynomials_of_scipy(name):
    family, reference, (start, end) = REFERENCES[name]
    x = np.linspace(-1.0, 1.0, 41)
    u = start + (end - start) * (x + 1) / 2
    columns = family(12, domain=(-1, 1)).columns(x)[:, 0]
    for k in range(13):
        expected = reference(k, u)
        assert np.max(np.abs(columns[:, k] - expected)) < 3e-13 * np.max(np.abs(expected))


@pytest.mark.parametrize(
    ("model", "nodes"),
    [
        (Chebyshev(8, domain=(-1, 1)), scipy.special.roots_chebyt(9)),
        (Legendre(8, domain=(-1, 1)), scipy.special.roots_legendre(9)),
        (Jacobi(8, 0.5, 1.5, domain=(-1, 1)), scipy.special.roots_jacobi(9, 0.5, 1.5)),
        (Laguerre(8, domain=(0, 16)), scipy.special.roots_laguerre(9)),
        (Hermite(8, domain=(-(8**0.5), 8**0.5)), scipy.special.roots_hermite(9)),
    ],
    ids=NAMES[1:],
)
def test_each_family_is_orthogonal_with_its_own_weight(model, nodes):
    x, weight = nodes
    columns = model.columns(x)[:, 0] * np.sqrt(weight)[:, None]
    columns /= np.linalg.norm(columns, axis=0)
    assert np.max(np.abs(columns.T @ columns - np.eye(9))) < 1e-12


def test_jacobi_with_both_exponents_zero_is_legendre():
    x = np.linspace(2.0, 5.0, 20)
    jacobi, legendre = Jacobi(9, 0, 0, domain=(2, 5)), Legendre(9, domain=(2, 5))
    assert np.array_equal(jacobi.columns(x), legendre.columns(x))


def test_numpy_evaluates_the_reported_coefficients():
    x, y = sample(scale=3.0, offset=-1.0)
    for family, evaluate in [
        (Polynomial, np.polynomial.polynomial.polyval),
        (Chebyshev, np.polynomial.chebyshev.chebval),
        (Legendre, np.polynomial.legendre.legval),
        (Laguerre, np.polynomial.laguerre.lagval),
        (Hermite, np.polynomial.hermite.hermval),
    ]:
        model, values = fitted(family(7), x, y)
        coefficients, _ = reported(model, values)
        start, end = model.natural_interval() or model.domain
        u = start + (end - start) * (x - x.min()) / (x.max() - x.min())
        curve = evaluate(u, coefficients)
        assert np.allclose(curve, model.evaluate(values, x)[:, 0], rtol=0, atol=1e-9)


@every_family
def test_jax_and_numpy_agree(family):
    import jax
    import jax.numpy as jnp

    x, y = sample(30)
    model, values = fitted(family(6), x, y)
    with jax.enable_x64(True):
        for form in (model, model.direct()):
            curve = jax.jit(form.evaluate)(jnp.asarray(values), jnp.asarray(x))
            columns = form.columns(jnp.asarray(x))
            slope = jax.jacfwd(form.evaluate)(jnp.asarray(values), x)
            assert isinstance(columns, jax.Array)
            assert np.allclose(curve, form.evaluate(values, x), rtol=1e-12, atol=1e-12)
            assert np.allclose(columns, form.columns(x), rtol=1e-12, atol=1e-12)
            assert np.allclose(slope, form.columns(x), rtol=1e-12, atol=1e-12)


@every_family
def test_a_column_of_x_is_accepted_and_several_are_not(family):
    x, y = sample(30)
    model, values = fitted(family(3), x[:, None], y)
    assert np.array_equal(model.evaluate(values, x[:, None]), model.evaluate(values, x))
    with pytest.raises(ShapeMismatch, match=r"takes one input but x has 2 columns; use sf.Plane"):
        family(3).resolve(check_data(np.stack([x, y], axis=1), y))
    with pytest.raises(ShapeMismatch, match="pass one column"):
        model.evaluate(values, np.stack([x, y], axis=1))


@every_family
def test_degree_zero_is_a_constant_even_where_x_is(family):
    model, values = fitted(family(0), np.full(4, 7.0), np.array([1.0, 2.0, 3.0, 6.0]))
    coefficients, conversion = reported(model, values)
    assert coefficients == pytest.approx([3.0])
    assert conversion.digits_lost == 0.0
    with pytest.raises(ConstantInput, match=r"x is 7 at every point.*sf.Constant"):
        family(1).resolve(check_data(np.full(4, 7.0), np.ones(4)))


def test_constructors_are_shown_as_typed_and_the_working_basis_never_is():
    x, y = sample(30, scale=2.0)
    assert str(Chebyshev(14)) == "Chebyshev(14)"
    assert str(Chebyshev(14, domain=[0, 1])) == "Chebyshev(14, domain=(0.0, 1.0))"
    assert str(Jacobi(5, 0.5, 1.5)) == "Jacobi(5, 0.5, 1.5)"
    resolved = Polynomial(3).resolve(check_data(x, y))
    assert resolved.domain == (x.min(), x.max())
    # Four digits of its length are enough to read; the field has them all.
    assert str(resolved) == f"Polynomial(3, domain=({x.min():.4f}, {x.max():.4f}))"
    assert "working" not in repr(resolved)
    for model in (Chebyshev(4, domain=(0, 1)), Jacobi(5, 0.5, 1.5), Laguerre(2), Hermite(1)):
        assert eval(str(model)) == model


def test_a_domain_that_was_given_is_kept():
    x, y = sample(30)
    model = Chebyshev(4, domain=(-1, 3)).resolve(check_data(x, y))
    assert model.domain == (-1.0, 3.0)
    values = least_squares(model, x, y)
    coefficients, _ = reported(model, values)
    curve = np.polynomial.chebyshev.chebval((x - 1) / 2, coefficients)
    assert np.allclose(curve, model.evaluate(values, x)[:, 0], atol=1e-12)


def test_equal_descriptions_are_one_key_and_can_be_added():
    x, y = sample(30)
    data = check_data(x, y)
    model = Legendre(4)
    assert hash(model.resolve(data)) == hash(Legendre(np.int64(4)).resolve(data))
    assert isinstance(model, AbstractLinearModel)
    assert model.is_pointwise
    both = (model + Chebyshev(2)).resolve(data)
    assert both.parameters().names[0] == "legendre.orthogonal[0]"
    assert both.conversion().parameters.names[-1] == "chebyshev.coefficient[2]"
    assert model.canonical(np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]


def test_a_resolved_model_can_be_written_field_by_field():
    model = Chebyshev(2).resolve(check_data([0, 1, 2, 3], [1, 2, 3, 5]))
    fields = dataclasses.asdict(model)
    assert fields["working"]["center"] == 1.5
    assert len(fields["working"]["recurrence"]["slope"]) == 2


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Chebyshev(-1), InvalidOption, "Chebyshev: degree is -1 but must be at least 0"),
        (lambda: Chebyshev(2.0), InvalidType, "degree must be a whole number, not 2.0"),
        (lambda: Legendre("3"), InvalidType, "Legendre: degree must be a whole number, not '3'"),
        (lambda: Polynomial(True), InvalidType, "whole number, not True"),
        (lambda: Hermite(2, domain=(1, 0)), InvalidOption, "is empty; swap its ends"),
        (lambda: Hermite(2, domain=(1, 1)), InvalidOption, "its ends must differ"),
        (lambda: Hermite(2, domain=(0, np.nan)), InvalidOption, "must have finite ends"),
        (lambda: Laguerre(2, domain=5), InvalidType, r"pair of numbers \(lower, upper\), not 5"),
        (lambda: Laguerre(2, domain=(1, 2, 3)), InvalidType, "pair of numbers"),
        (lambda: Jacobi(2, -1, 0), InvalidOption, "alpha is -1 but must be a finite number above"),
        (lambda: Jacobi(2, 0, np.inf), InvalidOption, "beta is inf"),
        (lambda: Jacobi(2, "a", 0), InvalidType, "alpha must be a real number, not 'a'"),
    ],
)
def test_wrong_arguments_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_model_without_domain_says_so():
    with pytest.raises(InvalidModel, match=r"Chebyshev\(2\) has no domain yet"):
        Chebyshev(2).evaluate(np.zeros(3), np.zeros(4))
