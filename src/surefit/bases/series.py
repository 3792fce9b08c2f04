"""What the polynomial bases have in common: solve in one basis, report in another."""

import abc
import dataclasses
import decimal
import math
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np

from surefit.bases.orthogonal import OrthogonalBasis, orthogonal_basis
from surefit.bases.recurrence import Affine, Recurrence, change_of_basis
from surefit.data.checked import Data
from surefit.exceptions import IllConditioned, InvalidModel, ShapeMismatch
from surefit.models.base import AbstractLinearModel, Conversion
from surefit.models.columns import for_each_output, shape_for, single_input
from surefit.models.parameters import Parameter, Parameters

# Below this, a coefficient is smaller than 64 bits can hold with all digits.
_SMALLEST = np.finfo(float).tiny
_DIGITS_OF_SIZE = 30


class AbstractPolynomialBasis(AbstractLinearModel):
    """A sum of polynomials of degree 0 … n of one input, Σ_k coefficient[k] P_k(u(x)).

    Resolved on data, it works with coefficients in the polynomials that are orthogonal on the
    data's x (`OrthogonalBasis`), in which the fit is as well determined as it can be at any degree
    and any scale of x; `conversion` is the map to `coefficient[k]`. A model with `is_direct` works
    with `coefficient[k]` itself, at the price of the family's own conditioning.

    Final classes are dataclasses with (at least) the fields annotated here.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    degree: int
    domain: tuple[float, float] | None
    is_direct: bool
    n_outputs: int
    working: OrthogonalBasis | None

    @abc.abstractmethod
    def family(self) -> Recurrence:
        """The polynomials P_k(u) as an exact recurrence."""

    @abc.abstractmethod
    def natural_interval(self) -> tuple[float, float] | None:
        """The u onto which the ends of `domain` are mapped; None where u is x itself."""

    @abc.abstractmethod
    def options(self) -> tuple[float, ...]:
        """The constructor's arguments between degree and domain."""

    def resolve(self, data: Data) -> Self:
        """Fill in domain, number of outputs and working basis.

        Raises:
            ShapeMismatch: There are several inputs.
            ConstantInput: Every x is the same and the degree is not 0.
            TooFewPoints: There are not degree + 1 distinct x.
            IllConditioned: The points or the degree leave no digits in 64 bits.
        """
        if data.n_inputs > 1:
            raise ShapeMismatch(
                f"{type(self).__name__} takes one input but x has {data.n_inputs} columns; use "
                "sf.Plane() or sf.Dense(5), or pass one column."
            )
        x = data.inputs[:, 0]
        # All outputs share one basis, so their weights are added.
        least = data.noise.sigma.min()
        sigma = least / np.sqrt(np.sum((least / data.noise.sigma) ** 2, axis=1))
        working = orthogonal_basis(x, sigma, self.degree)
        resolved = dataclasses.replace(
            self,
            domain=self.domain or _range(x),
            n_outputs=data.n_outputs,
            working=None if self.is_direct else working,
        )
        if self.is_direct:
            with np.errstate(over="ignore", invalid="ignore"):
                columns = resolved.columns(x)
            if not np.isfinite(columns).all():
                raise IllConditioned(
                    f"{self} overflows at these x (up to {np.abs(x).max():.3g}), so its named "
                    "coefficients cannot be fixed, bounded or started; rescale x."
                )
        return resolved

    def direct(self) -> Self:
        """This model, working with its named coefficients so that these can be fixed or bounded."""
        return dataclasses.replace(self, is_direct=True, working=None)

    def parameters(self) -> Parameters:
        return self._named("coefficient" if self.working is None else "orthogonal")

    def columns(self, x):
        xp = x.__array_namespace__()
        # Each term is contiguous in memory: four times faster than interleaving them.
        return for_each_output(xp.stack(list(self._terms(x)), axis=0).T, self.n_outputs)

    def evaluate(self, values, x) -> Any:
        # Term by term, so that predicting at a million points needs no (n, p) array.
        rows = values.reshape(self.degree + 1, self.n_outputs)
        total: Any = 0.0
        for row, term in zip(rows, self._terms(x), strict=True):
            total = total + row * term[:, None]
        return total

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        if self.working is None:
            return None
        inner = self.working.argument_map().after_inverse(self._argument_map())
        outer = self._argument_map().after_inverse(self.working.argument_map())
        forward = change_of_basis(self.working.recurrence, self.family(), inner)
        backward = change_of_basis(self.family(), self.working.recurrence, outer)
        matrix = forward.astype(float)
        return Conversion(
            self._named("coefficient"),
            np.kron(matrix, np.eye(self.n_outputs)),
            _digits_lost(matrix, forward, backward),
        )

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return type(self).__name__.lower()

    def __str__(self) -> str:
        shown = [str(option) for option in (self.degree, *self.options())]
        if self.domain is not None:
            shown.append(f"domain={_readable(*self.domain)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _named(self, path: str) -> Parameters:
        shape = (self.degree + 1, *shape_for(self.n_outputs))
        return Parameters((Parameter(path, shape, linear=True),))

    def _terms(self, x):
        x = single_input(x, str(self))
        if self.working is not None:
            return self.working.recurrence.terms(self.working.argument(x))
        interval = self.natural_interval()
        if interval is None:
            return self.family().terms(x)
        lower, upper = self._known_domain()
        start, end = interval
        return self.family().terms(start + (end - start) * ((x - lower) / (upper - lower)))

    def _argument_map(self) -> Affine:
        """Give u as an exact function of x."""
        interval = self.natural_interval()
        if interval is None:
            return Affine(Fraction(1), Fraction(0))
        (lower, upper), (start, end) = (
            [Fraction(value) for value in pair] for pair in (self._known_domain(), interval)
        )
        scale = (end - start) / (upper - lower)
        return Affine(scale, start - scale * lower)

    def _known_domain(self) -> tuple[float, float]:
        if self.domain is None:
            raise InvalidModel(
                f"{self} has no domain yet; give one, {type(self).__name__}(…, domain=(0.0, 1.0)), "
                "or fit it, which takes the range of the data."
            )
        return self.domain


def _readable(lower: float, upper: float) -> tuple[float, float]:
    """An interval to four digits of its length, as a person would write it."""
    place = 4 - math.floor(math.log10(upper - lower))
    return round(lower, place), round(upper, place)


def _range(x: np.ndarray) -> tuple[float, float]:
    """The range of x, or, where that is a point (degree 0), an interval around it."""
    lower, upper = float(x.min()), float(x.max())
    if not math.isfinite(upper - lower):
        raise IllConditioned(f"x ranges from {lower:g} to {upper:g}; rescale it.")
    if lower == upper:
        pad = abs(lower) / 2 or 0.5
        return lower - pad, upper + pad
    return lower, upper


def _digits_lost(matrix: np.ndarray, forward: np.ndarray, backward: np.ndarray) -> float:
    """log10 of the condition of the named polynomials on the data, each scaled to size one.

    Scaling makes it independent of the unit of x: it says how much larger than the curve the
    terms Σ_k coefficient[k] P_k are that must cancel to give it. Column k of `backward` is P_k in
    the orthonormal basis, so its length is the size of P_k on the data.
    """
    largest = np.max(np.abs(forward), axis=1)
    if not np.isfinite(matrix).all() or float(min(largest)) < _SMALLEST:
        return math.inf
    with decimal.localcontext(decimal.Context(prec=_DIGITS_OF_SIZE)):
        size = np.array([np.sum(column * column).sqrt() for column in backward.T], dtype=object)
        scaled, inverse = (size[:, None] * forward).astype(float), (backward / size).astype(float)
    if not (np.isfinite(scaled).all() and np.isfinite(inverse).all()):
        return math.inf
    condition = np.linalg.norm(scaled, 2) * np.linalg.norm(inverse, 2)
    return math.log10(max(1.0, float(condition)))
