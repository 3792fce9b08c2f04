import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.models.adaptive import adaptive_form
from surefit.search.growth.coordinates import coordinates
from surefit.search.growth.descent import descend
from surefit.search.growth.growing import Growing, Scratch
from tests.search.growth.sums import random_units


@pytest.mark.parametrize(
    ("model", "n_inputs", "n_outputs"),
    [
        (sf.Sigmoids(2), 1, 1),
        (sf.Dense(3), 2, 1),
        (sf.Dense(2), 1, 3),
        (sf.Sigmoids(2) + sf.Line(), 1, 1),
        (sf.Sigmoids(2) + sf.Line(), 1, 2),
        (sf.Line() + sf.Dense(2, activation="tanh"), 1, 1),
        (sf.Sigmoids(2) + sf.Polynomial(3), 1, 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_shared", [True, False])
def test_a_sum_has_the_same_chi2_in_both_coordinates(model, n_inputs, n_outputs, is_shared, rng):
    x = rng.uniform(1e3, 1.5e3, (80, n_inputs))
    y = 1e-3 * rng.normal(size=(80, n_outputs)) + 1e-2
    yerr = 1e-4 * (np.ones_like(y) if is_shared else rng.uniform(1, 2, y.shape))
    data = check_data(x if n_inputs > 1 else x[:, 0], y if n_outputs > 1 else y[:, 0], yerr)
    form = adaptive_form(model.resolve(data))
    units = form.units()
    found = coordinates(units, data)
    growing = Growing(units.shape, units.n_units, found.points, Scratch())
    q = random_units(rng, growing, streams=1)
    at = descend(growing, q, steps=0)
    values = found.values(at.q[0], at.coefficient[0])
    residuals = (form.evaluate(form.from_units(values), data.x) - data.y) / data.noise.sigma
    assert np.sum(residuals**2) == pytest.approx(at.value[0], rel=1e-6)
    np.testing.assert_allclose(found.searched(values), q[0], rtol=1e-9, atol=1e-9)
