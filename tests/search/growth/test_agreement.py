import numpy as np
import pytest

from surefit.search.growth.agreement import band
from surefit.search.growth.descent import descend
from surefit.search.growth.growing import curves
from tests.search.growth.sums import growing_sum, random_units


@pytest.mark.parametrize(("n_outputs", "shared"), [(1, True), (2, True), (2, False)])
def test_variances_of_a_curve_add_up_to_its_parameters(rng, n_outputs, shared):
    growing = growing_sum(rng, n=2, n_points=80, n_outputs=n_outputs, shared=shared)
    at = descend(growing, random_units(rng, growing, streams=1), steps=0)
    around = band(growing, at.q[0], at.coefficient[0], float(at.value[0]))
    unit = growing.per_degree(float(at.value[0]))
    assert around.rank == growing.n_parameters
    assert around.variance.sum() == pytest.approx(around.rank * unit, rel=1e-9)


def test_a_curve_is_itself_and_none_that_leaves_the_band(rng):
    growing = growing_sum(rng, n=2, n_points=80)
    at = descend(growing, random_units(rng, growing, streams=1), steps=0)
    around = band(growing, at.q[0], at.coefficient[0], float(at.value[0]))
    curve = curves(growing, at.q, at.coefficient)[0]
    near, far = curve.copy(), curve.copy()
    near += 0.4 * np.sqrt(around.variance)
    far[17] += 1.1 * np.sqrt(around.variance[17])
    wide = curve + 0.6 * np.sqrt(around.variance)
    assert around.holds(np.stack([curve, near, far, wide])).tolist() == [True, True, False, False]
