"""Samples and fits that the tests of the polynomial bases share."""

import numpy as np

from surefit.bases.polynomials import (
    Chebyshev,
    Hermite,
    Jacobi,
    Laguerre,
    Legendre,
    Polynomial,
)
from surefit.data.checked import check_data
from tests.bases.exact_fit import least_squares

FAMILIES = [
    Polynomial,
    Chebyshev,
    Legendre,
    lambda degree, **options: Jacobi(degree, 0.5, 1.5, **options),
    Laguerre,
    Hermite,
]
NAMES = ["Polynomial", "Chebyshev", "Legendre", "Jacobi", "Laguerre", "Hermite"]


def sample(n=200, scale=1.0, offset=0.0, seed=1):
    generator = np.random.default_rng(seed)
    unit = np.sort(generator.uniform(0, 1, n))
    y = np.sin(7 * unit) + unit + generator.normal(0, 0.1, n)
    return offset + scale * unit, y


def fitted(model, x, y, sigma=None):
    model = model.resolve(check_data(x, y, sigma))
    return model, least_squares(model, x, y, sigma)


def reported(model, values):
    conversion = model.conversion()
    return conversion.matrix @ values, conversion
