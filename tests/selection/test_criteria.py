"""Information criteria against the formulas of their papers, written out independently."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.selection.criteria import akaike, akaike_corrected, bayesian, profiled_deviance


@given(deviance=st.floats(-1e6, 1e6), k=st.integers(0, 50), n=st.integers(60, 10_000))
def test_criteria_are_those_of_the_papers(deviance, k, n):
    log_likelihood = -deviance / 2
    assert akaike(deviance, k) == pytest.approx(2 * k - 2 * log_likelihood, abs=1e-6)
    # Hurvich & Tsai write the penalty as 2k n/(n − k − 1).
    expected = -2 * log_likelihood + 2 * k * n / (n - k - 1)
    assert akaike_corrected(deviance, k, n) == pytest.approx(expected, rel=1e-12, abs=1e-6)
    assert bayesian(deviance, k, n) == pytest.approx(k * math.log(n) - 2 * log_likelihood, abs=1e-6)


def test_the_profiled_deviance_is_the_normal_log_likelihood_at_its_maximum(rng):
    residuals = rng.normal(scale=0.3, size=40)
    sizes = np.linspace(0.1, 1.0, 2001)
    deviance = np.sum((residuals / sizes[:, None]) ** 2, axis=1) + 2 * 40 * np.log(sizes)
    constant = 40  # n, as rss/s² = n at the maximum
    found = profiled_deviance(float(np.sum(residuals**2)), 40) + constant
    assert found == pytest.approx(deviance.min(), abs=1e-4)


def test_a_model_with_as_many_parameters_as_values_has_no_support():
    assert akaike_corrected(0.0, 9, 10) == math.inf
    assert akaike_corrected(0.0, 20, 10) == math.inf
    assert math.isnan(akaike_corrected(math.nan, 9, 10))
    assert profiled_deviance(0.0, 10) == -math.inf
