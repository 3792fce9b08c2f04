"""Derivatives of the prediction, where tracing follows and where it does not."""

import numpy as np

import surefit as sf


def test_the_band_of_a_function_that_cannot_be_traced_is_that_of_one_that_can():
    def branching(x, a, rate):
        return a * np.exp(-rate * x) if a > 0 else a * x

    x = np.linspace(0, 2, 30)
    y = 2 * np.exp(-x) + 0.05 * np.sin(40 * x)
    found = sf.fit(x, y, branching, 0.05).band(x)
    expected = sf.fit(x, y, lambda x, a, rate: a * np.exp(-rate * x), 0.05).band(x)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
