"""The polynomial bases: powers of x, Chebyshev, Legendre, Jacobi, Laguerre and Hermite."""

import dataclasses

from surefit.bases.arguments import check_count, check_domain, check_real
from surefit.bases.families import (
    chebyshev_recurrence,
    hermite_recurrence,
    jacobi_recurrence,
    laguerre_recurrence,
    power_recurrence,
)
from surefit.bases.orthogonal import OrthogonalBasis
from surefit.bases.recurrence import Recurrence
from surefit.bases.series import AbstractPolynomialBasis


@dataclasses.dataclass(frozen=True)
class Polynomial(AbstractPolynomialBasis):
    """Powers of x: Σ_k coefficient[k] x**k, the Taylor coefficients about x = 0.

    x is not mapped, so at high degree, or where x is far from 0, the coefficients lose digits
    (predictions don't); `Chebyshev` is the same set of functions with coefficients that stay
    readable.

    Attributes:
        degree: Highest power, 0 or more.
        domain: Range of x for which the fit is meant, recorded only; default: the data's range.
        is_direct: Whether the fit works with the coefficients themselves; see `direct`.
        n_outputs: M, filled in from the data; with M > 1 coefficients have shape (degree + 1, M).
        working: The basis in which the fit is solved, filled in from the data.

    Raises:
        InvalidType: `degree` is not a whole number, or `domain` not a pair of numbers.
        InvalidOption: `degree` is negative, or `domain` empty.

    Example:
        >>> import numpy as np
        >>> Polynomial(2).evaluate(np.array([1.0, 0.0, 3.0]), np.array([2.0])).tolist()
        [[13.0]]
    """

    degree: int
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    def family(self) -> Recurrence:
        return power_recurrence(self.degree)

    def natural_interval(self) -> None:
        return None

    def options(self) -> tuple[float, ...]:
        return ()


@dataclasses.dataclass(frozen=True)
class Chebyshev(AbstractPolynomialBasis):
    """Chebyshev polynomials of the first kind, Σ_k coefficient[k] T_k(u), domain mapped to [−1, 1].

    `numpy.polynomial.chebyshev.chebval(u, coefficient)` is the same sum.

    Attributes:
        degree: Highest degree, 0 or more.
        domain: The x mapped to −1 and 1; default: the data's range.
        is_direct: See `Polynomial`, also for the other attributes and the errors raised.
        n_outputs: M, filled in from the data.
        working: Filled in from the data.

    Example:
        >>> import numpy as np
        >>> model = Chebyshev(2, domain=(0, 10))
        >>> model.evaluate(np.array([0.0, 0.0, 1.0]), np.array([0.0, 5.0, 10.0])).ravel().tolist()
        [1.0, -1.0, 1.0]
        >>> str(model)
        'Chebyshev(2, domain=(0.0, 10.0))'
    """

    degree: int
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    def family(self) -> Recurrence:
        return chebyshev_recurrence(self.degree)

    def natural_interval(self) -> tuple[float, float]:
        return -1.0, 1.0

    def options(self) -> tuple[float, ...]:
        return ()


@dataclasses.dataclass(frozen=True)
class Legendre(AbstractPolynomialBasis):
    """Legendre polynomials, Σ_k coefficient[k] P_k(u), domain mapped to [−1, 1].

    `numpy.polynomial.legendre.legval(u, coefficient)` is the same sum.

    Attributes:
        degree: Highest degree, 0 or more.
        domain: The x mapped to −1 and 1; default: the data's range.
        is_direct: See `Polynomial`, also for the other attributes and the errors raised.
        n_outputs: M, filled in from the data.
        working: Filled in from the data.

    Example:
        >>> import numpy as np
        >>> Legendre(2, domain=(-1, 1)).evaluate(np.array([0.0, 0.0, 1.0]), np.array([0.0]))
        array([[-0.5]])
    """

    degree: int
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    def family(self) -> Recurrence:
        return jacobi_recurrence(self.degree, 0.0, 0.0)

    def natural_interval(self) -> tuple[float, float]:
        return -1.0, 1.0

    def options(self) -> tuple[float, ...]:
        return ()


@dataclasses.dataclass(frozen=True)
class Jacobi(AbstractPolynomialBasis):
    """Jacobi polynomials, Σ_k coefficient[k] P_k^(α,β)(u), domain mapped to [−1, 1].

    They are orthogonal with the weight (1 − u)^α (1 + u)^β; α = β = 0 are Legendre's. Normalized
    as `scipy.special.eval_jacobi`.

    Attributes:
        degree: Highest degree, 0 or more.
        alpha: α, above −1.
        beta: β, above −1.
        domain: The x mapped to −1 and 1; default: the data's range.
        is_direct: See `Polynomial`, also for the other attributes and the errors raised.
        n_outputs: M, filled in from the data.
        working: Filled in from the data.

    Raises:
        InvalidOption: `alpha` or `beta` is not a finite number above −1.

    Example:
        >>> import numpy as np
        >>> model = Jacobi(1, 1.0, 0.0, domain=(-1, 1))
        >>> model.evaluate(np.array([0.0, 1.0]), np.array([1.0])).item()
        2.0
    """

    degree: int
    alpha: float
    beta: float
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)
        for name in ("alpha", "beta"):
            exponent = check_real(getattr(self, name), name, "Jacobi", above=-1.0)
            object.__setattr__(self, name, exponent)

    def family(self) -> Recurrence:
        return jacobi_recurrence(self.degree, self.alpha, self.beta)

    def natural_interval(self) -> tuple[float, float]:
        return -1.0, 1.0

    def options(self) -> tuple[float, ...]:
        return self.alpha, self.beta


@dataclasses.dataclass(frozen=True)
class Laguerre(AbstractPolynomialBasis):
    """Laguerre polynomials, Σ_k coefficient[k] L_k(u), domain mapped to [0, 2 · degree].

    Their natural range is [0, ∞) with the weight exp(−u); up to 2 · degree, half of where L_degree
    has its last zero, the coefficients of data without that weight are best determined (measured:
    8 digits lost at degree 20, 12 at 30). `domain=(0, 2 * degree)` leaves x as it is.
    `numpy.polynomial.laguerre.lagval(u, coefficient)` is the same sum.

    Attributes:
        degree: Highest degree, 0 or more.
        domain: The x mapped to 0 and 2 · degree; default: the data's range.
        is_direct: See `Polynomial`, also for the other attributes and the errors raised.
        n_outputs: M, filled in from the data.
        working: Filled in from the data.

    Example:
        >>> import numpy as np
        >>> Laguerre(1, domain=(0, 2)).evaluate(np.array([0.0, 1.0]), np.array([0.5])).item()
        0.5
    """

    degree: int
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    def family(self) -> Recurrence:
        return laguerre_recurrence(self.degree)

    def natural_interval(self) -> tuple[float, float]:
        return 0.0, 2.0 * max(self.degree, 1)

    def options(self) -> tuple[float, ...]:
        return ()


@dataclasses.dataclass(frozen=True)
class Hermite(AbstractPolynomialBasis):
    """Physicists' Hermite polynomials, Σ_k coefficient[k] H_k(u), domain mapped to ±√degree.

    Their natural range is the whole line with the weight exp(−u²); up to √degree, some 0.7 of
    where H_degree has its last zero, the coefficients of data without that weight are best
    determined (measured: 4 digits lost at degree 20, 7 at 30).
    `numpy.polynomial.hermite.hermval(u, coefficient)` is the same sum.

    Attributes:
        degree: Highest degree, 0 or more.
        domain: The x mapped to −√degree and √degree; default: the data's range.
        is_direct: See `Polynomial`, also for the other attributes and the errors raised.
        n_outputs: M, filled in from the data.
        working: Filled in from the data.

    Example:
        >>> import numpy as np
        >>> Hermite(1, domain=(-1, 1)).evaluate(np.array([0.0, 1.0]), np.array([0.5])).item()
        1.0
    """

    degree: int
    domain: tuple[float, float] | None = None
    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    working: OrthogonalBasis | None = dataclasses.field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    def family(self) -> Recurrence:
        return hermite_recurrence(self.degree)

    def natural_interval(self) -> tuple[float, float]:
        end = max(self.degree, 1) ** 0.5
        return -end, end

    def options(self) -> tuple[float, ...]:
        return ()


def _check(model: AbstractPolynomialBasis) -> None:
    """Check degree and domain and bring them into one form, so that equal models hash equally."""
    name = type(model).__name__
    object.__setattr__(model, "degree", check_count(model.degree, "degree", name, minimum=0))
    object.__setattr__(model, "domain", check_domain(model.domain, name))
