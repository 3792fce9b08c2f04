"""Sums are put together term by term."""

import numpy as np
import pytest

import surefit as sf
from benchmarks.families.references import TOLERANCE, from_truth
from benchmarks.families.sums import FAMILIES
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, Minima, Status, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.search.assembly import assembly_of
from surefit.search.atoms import draw_atoms
from surefit.search.components import components_of
from surefit.search.run import Run
from surefit.search.starts import PlausibleStarts
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


def three_peaks(x, a, b, s, c, d, t, e, f, u):
    total = 0.0
    for height, center, width in ((a, b, s), (c, d, t), (e, f, u)):
        total = total + height * np.exp(-0.5 * ((x - center) / width) ** 2)
    return total


@double_precision
def test_a_sum_whose_terms_are_spread_over_two_minima_is_put_together():
    x, truth = np.linspace(0, 10, 150), np.array([2.0, 2.0, 0.5, 3.0, 4.0, 0.8, 1.0, 8.0, 0.4])
    data = check_data(x, three_peaks(x, *truth), 0.01)
    problem = fitted(Function(three_peaks).resolve(data), data, LeastSquares())
    none, rng = np.zeros(9, dtype=bool), np.random.default_rng(0)
    run = Run(problem, LevenbergMarquardt(), rng, Budget(), silent, none, none, None, False)
    assembly = assembly_of(run, PlausibleStarts())
    assert assembly is not None
    assert len(assembly.components) == 3
    # Atoms that are of no use, and two sums that each lack one of the peaks: what is in the place
    # of that is too narrow to see it, so that no descent gets there.
    junk = np.tile([1.0, 9.9, 0.001], 3)[None] * np.linspace(0.99, 1.01, 5)[:, None]
    wrong = np.tile(truth, (2, 1))
    wrong[0, 6:], wrong[1, :3] = (0.0, 9.8, 0.001), (0.0, 9.8, 0.001)
    minima = Minima(wrong, problem.value(wrong), (Status.converged,) * 2, np.ones(2, dtype=int))
    atoms = draw_atoms(problem, assembly.components, junk)
    found = assembly._recombined(problem, atoms, minima)
    assert minima.value.min() > 1e3
    assert found.value.min() < 1e-6
