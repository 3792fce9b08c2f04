"""Penalties: what is added to −2 ln L to keep a model of more freedom than the data need tame."""

import abc
import dataclasses
import functools
import math
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.exceptions import InvalidModel, InvalidOption
from surefit.models.base import AbstractLinearModel, AbstractModel, Sum
from surefit.models.units import AbstractAdaptiveModel
from surefit.networks.dense import Dense

# Places at which the bend of a curve is compared, for each of its parameters and at least.
PLACES_PER_PARAMETER, FEWEST_PLACES = 4, 100


class AbstractPenalty(abc.ABC):
    """strength · |R θ|², where R says what is to be small.

    Final classes are frozen dataclasses. Rows are in units in which data have the standard
    deviation 1, so that the strength does not depend on the units of x and y.
    """

    @property
    @abc.abstractmethod
    def given(self) -> float | None:
        """The strength, in units of −2 ln L; None if the data are to choose it."""

    @abc.abstractmethod
    def rows(self, model: AbstractModel, data: Data) -> Float[np.ndarray, "k p"]:
        """R for the parameters of a resolved model.

        Raises:
            InvalidModel: The penalty does not suit the model; the message says which it suits.
        """

    @property
    @abc.abstractmethod
    def is_of_parameters(self) -> bool:
        """Whether it is the named parameters that are to be small, rather than the curve."""

    @abc.abstractmethod
    def of_strength(self, strength: float) -> "AbstractPenalty":
        """The same with this strength."""

    def __str__(self) -> str:
        """The constructor, as one would type it."""
        return f"{type(self).__name__}({'' if self.given is None else f'{self.given:.4g}'})"


@dataclasses.dataclass(frozen=True)
class Ridge(AbstractPenalty):
    """Keeps coefficients and weights small: strength · Σ θ², without constants and biases.

    Each coefficient is measured by how much its term moves the curve: by the standard deviation
    of its column over that of y. Of networks all weights count, with inputs and outputs of
    standard deviation 1; of sums of sigmoids the heights. Sources: Hoerl and Kennard 1970,
    Technometrics 12, 55; for networks Krogh and Hertz 1992, NIPS 4, 950 (weight decay).

    Attributes:
        strength: In units of −2 ln L; chosen by the data if None.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0, 1, 30)
        >>> fit = sf.fit(x, np.sin(6 * x), sf.Chebyshev(20), yerr=0.1, penalty=sf.Ridge(1000.0))
        >>> round(fit.effective_parameters)
        12
    """

    strength: float | None = None

    def __post_init__(self) -> None:
        _check_strength(self, self.strength)

    def rows(self, model: AbstractModel, data: Data) -> Float[np.ndarray, "k p"]:
        sizes = _weight_sizes(model, data)
        return np.diag(sizes)[sizes > 0]

    @property
    def is_of_parameters(self) -> bool:
        return True

    @property
    def given(self) -> float | None:
        return self.strength

    def of_strength(self, strength: float) -> "Ridge":
        return Ridge(strength)


@dataclasses.dataclass(frozen=True)
class Roughness(AbstractPenalty):
    """Keeps a curve from bending: strength times the mean square of its second derivative.

    For linear models of one input. The derivative is with respect to x over the range of the data
    and in units of the standard deviation of y. A straight line costs nothing, whatever its slope.
    Sources: Whittaker 1922, Proc. Edinburgh Math. Soc. 41, 63; Reinsch 1967, Numer. Math. 10, 177
    (the smoothing spline); it is Tikhonov's regularization with the curvature.

    Attributes:
        strength: In units of −2 ln L; chosen by the data if None.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0, 1, 30)
        >>> fit = sf.fit(x, 2 * x, sf.Chebyshev(20), yerr=0.1, penalty=sf.Roughness(1.0))
        >>> round(fit.effective_parameters)
        3
    """

    strength: float | None = None

    def __post_init__(self) -> None:
        _check_strength(self, self.strength)

    def rows(self, model: AbstractModel, data: Data) -> Float[np.ndarray, "k p"]:
        if not _is_linear(model) or data.n_inputs > 1:
            raise InvalidModel(
                f"{self} suits linear models of one input (lines, polynomials, Fourier series and "
                f"their sums), and {model} is none; use sf.Ridge()."
            )
        size = model.parameters().size
        n_places = max(FEWEST_PLACES, PLACES_PER_PARAMETER * size)
        x = np.linspace(data.inputs.min(), data.inputs.max(), n_places)
        x = x.reshape(-1, *data.x.shape[1:])
        columns = _columns(model, x) / _spread(data.y)[:, None]
        # Differences of neighbors over the range: (n − 1)² of them make a second derivative.
        bends = np.diff(columns, 2, axis=0) * (n_places - 1) ** 2
        rows = bends.reshape(-1, size) / math.sqrt(len(bends))
        return rows if len(rows) <= size else np.linalg.qr(rows)[1]

    @property
    def is_of_parameters(self) -> bool:
        return False

    @property
    def given(self) -> float | None:
        return self.strength

    def of_strength(self, strength: float) -> "Roughness":
        return Roughness(strength)


def _check_strength(penalty: AbstractPenalty, strength: Any) -> None:
    is_number = isinstance(strength, int | float | np.number) and not isinstance(strength, bool)
    if strength is not None and not (is_number and math.isfinite(strength) and strength > 0):
        raise InvalidOption(
            f"strength of {type(penalty).__name__} is {strength!r}; give a positive number, or "
            "leave it out for the data to choose it."
        )


@functools.singledispatch
def _weight_sizes(model: AbstractModel, _: Data) -> np.ndarray:
    """How much one unit of each parameter counts, shape (p,); 0 for what is left free."""
    raise InvalidModel(
        f"Ridge() suits linear models, sums of sigmoids and networks, and {model} is none; for "
        "parameters of a function say what is known of them by constraints={'a': (mean, sigma)}."
    )


@_weight_sizes.register
def _(model: Sum, data: Data) -> np.ndarray:
    return np.concatenate([_weight_sizes(part, data) for part in model.parts])


@_weight_sizes.register
def _(model: AbstractLinearModel, data: Data) -> np.ndarray:
    columns = _columns(model, data.x) / _spread(data.y)[:, None]
    centered = columns - columns.mean(axis=0)
    moves = np.sqrt(np.sum(np.mean(centered**2, axis=0), axis=0))
    size = np.sqrt(np.sum(np.mean(columns**2, axis=0), axis=0))
    return np.where(moves > 1e-12 * size, moves, 0.0)  # what is constant moves by rounding


@_weight_sizes.register
def _(model: AbstractAdaptiveModel, data: Data) -> np.ndarray:
    spread = _spread(data.y)
    sizes = []
    for item in model.parameters().items:  # one height for each unit, or for each and each output
        per_output = 1 / spread if len(spread) > 1 and item.linear else 1 / spread[0]
        sizes.append(np.broadcast_to(item.linear * per_output, item.shape).ravel())
    return np.concatenate(sizes)


@_weight_sizes.register
def _(model: Dense, data: Data) -> np.ndarray:
    items = model.parameters().items
    sizes = [np.full(item.shape, float(item.path.endswith("weight"))) for item in items]
    weights = [i for i, item in enumerate(items) if item.path.endswith("weight")]
    sizes[weights[0]] *= _spread(data.inputs)  # (units, inputs)
    sizes[weights[-1]] /= _spread(data.y)[:, None]  # (outputs, units)
    return np.concatenate([size.ravel() for size in sizes])


def _is_linear(model: AbstractModel) -> bool:
    parts = model.parts if isinstance(model, Sum) else (model,)
    return all(isinstance(part, AbstractLinearModel) for part in parts)


def _columns(model: AbstractModel, x: np.ndarray) -> Float[np.ndarray, "n m p"]:
    """Derivatives of a linear model, a sum of such included."""
    unit = np.eye(model.parameters().size)
    return np.stack([np.asarray(model.evaluate(row, x)) for row in unit], axis=-1)


def _spread(values: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " k"]:
    """Standard deviation of each column; 1 where it is constant."""
    spread = np.std(values, axis=0)
    return np.where(spread > 0, spread, 1.0)
