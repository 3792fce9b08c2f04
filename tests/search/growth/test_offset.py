"""A mean of y far above its range takes one unit; the others do what they do beside a constant."""

import numpy as np
import pytest

import surefit as sf
from tests.lesson_sample import SIGMA, sample


@pytest.mark.parametrize("shape", ["logistic", "tanh"])
def test_sigmoids_on_a_large_offset_are_no_worse_than_one_less_beside_a_constant(shape):
    x, y = sample(9001)
    beside = sf.fit(x, y, sf.Sigmoids(4, shape) + sf.Constant(), SIGMA)
    fit = sf.fit(x, y + 1e6, sf.Sigmoids(5, shape), SIGMA)
    assert fit.chi2 <= beside.chi2 + 1
    np.testing.assert_allclose(fit.predict(x) - 1e6, beside.predict(x), atol=SIGMA)


def test_a_unit_spent_on_a_constant_is_not_confirmed_as_its_tail_could_serve_too():
    x, y = sample(9001)
    fit = sf.fit(x, y + 1e6, sf.Sigmoids(5), SIGMA)
    assert not fit.valid
    assert any("Add a Constant()" in sentence for sentence in fit.evidence.explanation)
    assert sf.fit(x, y + 1e6, sf.Sigmoids(5) + sf.Constant(), SIGMA).valid
