"""Sums with one adaptive part: `Sigmoids(5) + Line()` can be grown as `Sigmoids(5)` can."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from surefit.data.checked import Data
from surefit.models.base import AbstractLinearModel, AbstractModel, Conversion, Sum
from surefit.models.linear import Constant
from surefit.models.parameters import Parameters
from surefit.models.units import AbstractAdaptiveModel, Units, UnitValues


def adaptive_form(model: AbstractModel) -> AbstractAdaptiveModel | None:
    """The model as a sum of units and a linear rest, if it is one.

    Args:
        model: A resolved model.

    Returns:
        A model of the same parameters with `units()`, `to_units` and `from_units`: the model
        itself, or an `AdaptiveSum` for a sum of exactly one adaptive model and otherwise linear
        ones. None if the model is neither.

    Example:
        >>> from surefit.models.linear import Line
        >>> adaptive_form(Line()) is None
        True
    """
    if isinstance(model, AbstractAdaptiveModel):
        return None if model.units() is None else model
    if not isinstance(model, Sum):
        return None
    adaptive = [i for i, part in enumerate(model.parts) if adaptive_form(part) is not None]
    if len(adaptive) != 1 or isinstance(model.parts[adaptive[0]], Sum):
        return None
    index = adaptive[0]
    others = model.parts[:index] + model.parts[index + 1 :]
    if not all(isinstance(part, AbstractLinearModel) for part in others):
        return None
    return AdaptiveSum(model, index)


@dataclasses.dataclass(frozen=True)
class AdaptiveSum(AbstractAdaptiveModel):
    """A sum seen as units plus a linear rest; everything else is as in the sum.

    Use `adaptive_form` to make one.

    Attributes:
        model: The sum, resolved.
        index: Which of its parts is adaptive; the others are linear.
    """

    model: Sum
    index: int

    def resolve(self, data: Data) -> "AdaptiveSum":
        return AdaptiveSum(self.model.resolve(data), self.index)

    def parameters(self) -> Parameters:
        return self.model.parameters()

    def evaluate(self, values, x):
        return self.model.evaluate(values, x)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        """The canonical form of each part; a `Constant` part absorbs the constants of the units."""
        pieces, absorbing = self.model.pieces(values), self._absorbing
        if absorbing is None:
            return self.model.canonical(values)
        own, constant = self._adaptive.canonical_with_constant(pieces[self.index])
        pieces[absorbing] = pieces[absorbing] + constant
        pieces = [
            own if i == self.index else part.canonical(piece)
            for i, (part, piece) in enumerate(zip(self.model.parts, pieces, strict=True))
        ]
        return np.concatenate(pieces)

    def canonical_with_constant(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n_outputs = self._own_units.n_outputs
        if self._absorbing is not None:
            return self.canonical(values), np.zeros(n_outputs)
        pieces = self.model.pieces(self.model.canonical(values))
        own, constant = self._adaptive.canonical_with_constant(pieces[self.index])
        pieces[self.index] = own
        return np.concatenate(pieces), constant

    def conversion(self) -> Conversion | None:
        return self.model.conversion()

    def direct(self) -> "AdaptiveSum":
        return AdaptiveSum(self.model.direct(), self.index)

    @property
    def is_pointwise(self) -> bool:
        return self.model.is_pointwise

    @property
    def label(self) -> str:
        return self.model.label

    def __str__(self) -> str:
        return str(self.model)

    def units(self) -> Units:
        own = self._own_units
        linear = _linear(self.model.parts) + (() if own.extra is None else (own.extra,))
        extra = linear[0] if len(linear) == 1 else LinearSum(linear) if linear else None
        return dataclasses.replace(own, extra=extra)

    def from_units(self, values: UnitValues) -> np.ndarray:
        pieces, start = [], 0
        for i, part in enumerate(self.model.parts):
            if i == self.index:
                pieces.append(np.zeros(0))
                continue
            size = part.parameters().size
            pieces.append(values.extra[start : start + size])
            start += size
        own = dataclasses.replace(values, extra=values.extra[start:])
        pieces[self.index] = self._adaptive.from_units(own)
        return np.concatenate(pieces)

    def to_units(self, values: np.ndarray) -> UnitValues:
        pieces = self.model.pieces(values)
        own = self._adaptive.to_units(pieces.pop(self.index))
        return dataclasses.replace(own, extra=np.concatenate([*pieces, own.extra]))

    @property
    def _adaptive(self) -> AbstractAdaptiveModel:
        part = self.model.parts[self.index]
        assert isinstance(part, AbstractAdaptiveModel)
        return part

    @property
    def _own_units(self) -> Units:
        units = self._adaptive.units()
        assert units is not None
        return units

    @property
    def _absorbing(self) -> int | None:
        """Which part is a constant."""
        constants = [i for i, part in enumerate(self.model.parts) if isinstance(part, Constant)]
        return constants[0] if constants else None


@dataclasses.dataclass(frozen=True)
class LinearSum(AbstractLinearModel):
    """The sum of linear models as one linear model; its parameters are those of the parts.

    Attributes:
        parts: The models that are added, resolved.
    """

    parts: tuple[AbstractLinearModel, ...]

    def resolve(self, data: Data) -> "LinearSum":
        return LinearSum(_linear(part.resolve(data) for part in self.parts))

    def parameters(self) -> Parameters:
        return self._sum.parameters()

    def evaluate(self, values, x):
        return self._sum.evaluate(values, x)

    def columns(self, x):
        columns = [part.columns(x) for part in self.parts]
        return x.__array_namespace__().concatenate(columns, axis=-1)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return self._sum.canonical(values)

    def conversion(self) -> Conversion | None:
        return self._sum.conversion()

    def direct(self) -> "LinearSum":
        return LinearSum(_linear(part.direct() for part in self.parts))

    @property
    def is_pointwise(self) -> bool:
        return self._sum.is_pointwise

    @property
    def label(self) -> str:
        return "sum"

    def __str__(self) -> str:
        return str(self._sum)

    @property
    def _sum(self) -> Sum:
        names = tuple(f"{part.label}_{i}" for i, part in enumerate(self.parts, start=1))
        return Sum(tuple(self.parts), names)


def _linear(models: Iterable[AbstractModel]) -> tuple[AbstractLinearModel, ...]:
    return tuple(model for model in models if isinstance(model, AbstractLinearModel))
