"""Sums are put together term by term."""

import numpy as np
import pytest

import surefit as sf
from benchmarks.families.references import TOLERANCE, from_truth
from benchmarks.families.sums import FAMILIES
from surefit.search.components import components_of
from tests.problems import Residuals, Rows

BY_NAME = {family.name: family for family in FAMILIES}


def two_peaks_and_a_decay(point, rows):
    import jax.numpy as jnp

    base, a, b, s, c, d, t, amount, rate = point
    peaks = a * jnp.exp(-(((rows.x - b) / s) ** 2)) + c * jnp.exp(-(((rows.x - d) / t) ** 2))
    return base + peaks + amount * jnp.exp(-rate * rows.x) - rows.y


def test_terms_of_a_sum_and_their_kinds_are_found():
    x = np.linspace(0, 1, 50)
    names = tuple(["base", "a", "b", "s", "c", "d", "t", "amount", "rate"])
    is_linear = (True, True, False, False, True, False, False, True, False)
    problem = Residuals(two_peaks_and_a_decay, names, Rows(x, 0 * x), linear_mask=is_linear)
    points = np.random.default_rng(1).uniform(0.3, 0.9, (4, len(names)))
    found = components_of(problem, points)
    assert [component.indices.tolist() for component in found] == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert [component.kind for component in found] == [0, 0, 1]


def product(point, rows):
    import jax.numpy as jnp

    return point[0] * jnp.exp(-point[1] * rows.x) * jnp.sin(point[2] * rows.x) - rows.y


def test_a_product_is_one_term():
    x = np.linspace(0, 1, 50)
    problem = Residuals(product, ("a", "b", "c"), Rows(x, 0 * x), linear_mask=(True, False, False))
    points = np.random.default_rng(1).uniform(0.5, 2, (3, 3))
    assert [component.indices.tolist() for component in components_of(problem, points)] == [
        [0, 1, 2]
    ]


def check(name, seed):
    sample = BY_NAME[name].sample(seed)
    model = sf.Function(sample.model, len(sample.truth)) if sample.is_packed else sample.model
    fit = sf.fit(sample.x, sample.y, model, sample.yerr)
    assert fit.chi2 <= from_truth(sample) + TOLERANCE


@pytest.mark.parametrize("name", ["three exponentials", "1-6 Gaussian peaks"])
def test_sums_are_fitted_from_no_start(name):
    check(name, 4)
