"""The classes that a file may name: surefit's own models, and what they are made of."""

from types import MappingProxyType

from surefit.bases.activations import ACTIVATIONS
from surefit.bases.fourier import Fourier
from surefit.bases.orthogonal import OrthogonalBasis
from surefit.bases.piecewise import Piecewise
from surefit.bases.polynomials import (
    Chebyshev,
    Hermite,
    Jacobi,
    Laguerre,
    Legendre,
    Polynomial,
)
from surefit.bases.recurrence import Recurrence
from surefit.bases.sigmoids import Sigmoids
from surefit.models.base import Sum
from surefit.models.centering import Centering
from surefit.models.formulas.stored import StoredFormula
from surefit.models.linear import Constant, Line, Plane
from surefit.models.stored_function import StoredFunction
from surefit.networks.dense import Dense
from surefit.networks.standardization import Standardization

_MODELS = (
    *(Constant, Line, Plane, Polynomial, Chebyshev, Legendre, Jacobi, Laguerre, Hermite, Fourier),
    *(Piecewise, Sigmoids, Dense, Sum, StoredFormula, StoredFunction),
)
_PARTS = (
    *(Centering, OrthogonalBasis, Recurrence, Standardization),
    *map(type, ACTIVATIONS.values()),
)

BUILT_IN = MappingProxyType({cls.__name__: cls for cls in (*_MODELS, *_PARTS)})
