"""What a model is: a frozen description of a function with named parameters."""

import abc
import dataclasses
import functools
import operator
from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.data.checked import Data
from surefit.exceptions import InvalidType
from surefit.models.parameters import Parameters


@dataclasses.dataclass(frozen=True)
class Conversion:
    """An affine map from the parameters a fit works with to those it reports.

    A polynomial of degree 50 can only be solved in a basis that is orthogonal on the data; what
    a user wants to read are its named coefficients, `reported = matrix @ working + offset`.

    Attributes:
        parameters: Names and shapes of the reported parameters.
        matrix: Shape (reported, working).
        digits_lost: log10 of the factor by which the map can amplify rounding errors.
        offset: Shape (reported,), or 0: what is reported where all working parameters are 0.
    """

    parameters: Parameters
    matrix: np.ndarray
    digits_lost: float
    offset: np.ndarray | float = 0.0

    def reported(self, working: np.ndarray) -> np.ndarray:
        """The reported parameters, shape (reported,), of the working ones."""
        return self.matrix @ working + self.offset


class AbstractModel(abc.ABC):
    """A frozen description of a function of x with named parameters; it holds no values.

    Final classes are frozen dataclasses of hashable fields: two equal descriptions are one key of
    the compilation cache. Arrays that come in are NumPy or JAX, and `evaluate` answers in kind
    (`values.__array_namespace__()` is the module to compute with), so that prediction needs no
    compilation and a fit can be compiled and differentiated.
    """

    @abc.abstractmethod
    def resolve(self, data: Data) -> "AbstractModel":
        """Fill in what depends on the data: domain, number of inputs and outputs.

        Args:
            data: The checked data of the fit.

        Returns:
            A model on which the other methods work; `str` of it is its constructor.

        Raises:
            SurefitError: The data do not suit the model; the message says why and what to do.
        """

    @abc.abstractmethod
    def parameters(self) -> Parameters:
        """Names, shapes and roles of the parameters (of a resolved model)."""

    @abc.abstractmethod
    def evaluate(self, values, x) -> Any:
        """The prediction for all points at once.

        Args:
            values: Flat parameter vector, shape (p,), NumPy or JAX.
            x: Inputs, shape (n,) or (n, d), as the user gave them; NumPy or JAX.

        Returns:
            Predictions, shape (n, m).
        """

    @abc.abstractmethod
    def canonical(self, values: np.ndarray) -> np.ndarray:
        """Of all parameter vectors that give the same function, the one that is reported."""

    @abc.abstractmethod
    def conversion(self) -> Conversion | None:
        """How to report the parameters, or None where they are reported as they are."""

    @abc.abstractmethod
    def direct(self) -> "AbstractModel":
        """The same model, working with the parameters it reports, so that they can be held."""

    @property
    @abc.abstractmethod
    def is_pointwise(self) -> bool:
        """Whether each prediction depends on its own x only (false for a convolution)."""

    @property
    def takes_numbers(self) -> bool:
        """Whether `evaluate` also takes a tuple of p numbers in place of a vector.

        Derivatives by numbers need no vectors to be cut and padded at every point.
        """
        return False

    @property
    @abc.abstractmethod
    def label(self) -> str:
        """Short name in snake_case that a sum uses as path of this part: `line`, `sigmoids`."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor, as one would type it: `Sigmoids(5)`."""

    def __add__(self, other: Any) -> "Sum":
        """The sum of two models; parameters get the parts' labels as paths.

        Example:
            >>> from surefit.models.linear import Constant, Line
            >>> str(Line() + Constant())
            'Line() + Constant()'
        """
        return _add(self, other)

    def named(self, name: str) -> "Sum":
        """This model as a part with a name of its own: `peak.named("signal") + Line()`."""
        return Sum((self,), (name,))


@dataclasses.dataclass(frozen=True)
class Sum(AbstractModel):
    """The sum of models, each a named part; parameters are `part.parameter`.

    Attributes:
        parts: The models that are added.
        names: One name for each part.
    """

    parts: tuple[AbstractModel, ...]
    names: tuple[str, ...]

    def resolve(self, data: Data) -> "Sum":
        return Sum(tuple(part.resolve(data) for part in self.parts), self.names)

    def parameters(self) -> Parameters:
        pairs = zip(self.names, self.parts, strict=True)
        return Parameters(
            tuple(item for name, part in pairs for item in part.parameters().prefixed(name).items)
        )

    def pieces(self, values):
        """Cut a flat vector (last axis), or a tuple of numbers, into one for each part."""
        pieces, start = [], 0
        for part in self.parts:
            own = slice(start, start := start + part.parameters().size)
            pieces.append(values[own] if isinstance(values, tuple) else values[..., own])
        return pieces

    def evaluate(self, values, x):
        terms = []
        for part, piece in zip(self.parts, self.pieces(values), strict=True):
            if isinstance(piece, tuple) and not part.takes_numbers:
                piece = x.__array_namespace__().stack(piece)
            terms.append(part.evaluate(piece, x))
        return functools.reduce(operator.add, terms)

    @property
    def takes_numbers(self) -> bool:
        return any(part.takes_numbers for part in self.parts)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        pairs = zip(self.parts, self.pieces(values), strict=True)
        return np.concatenate([part.canonical(piece) for part, piece in pairs])

    def conversion(self) -> Conversion | None:
        conversions = [part.conversion() for part in self.parts]
        if all(conversion is None for conversion in conversions):
            return None
        items, blocks, offsets, lost = [], [], [], 0.0
        for name, part, conversion in zip(self.names, self.parts, conversions, strict=True):
            own = part.parameters()
            reported = own if conversion is None else conversion.parameters
            items.extend(reported.prefixed(name).items)
            blocks.append(np.eye(own.size) if conversion is None else conversion.matrix)
            offset = 0.0 if conversion is None else conversion.offset
            offsets.append(np.broadcast_to(offset, reported.size))
            lost = lost if conversion is None else max(lost, conversion.digits_lost)
        matrix, offset = scipy.linalg.block_diag(*blocks), np.concatenate(offsets)
        return Conversion(Parameters(tuple(items)), matrix, lost, offset)

    def direct(self) -> "Sum":
        return Sum(tuple(part.direct() for part in self.parts), self.names)

    @property
    def is_pointwise(self) -> bool:
        return all(part.is_pointwise for part in self.parts)

    @property
    def label(self) -> str:
        return "sum"

    def __str__(self) -> str:
        shown = []
        for name, part in zip(self.names, self.parts, strict=True):
            plain = name.rstrip("0123456789").rstrip("_") == part.label
            shown.append(str(part) if plain else f'{part}.named("{name}")')
        return " + ".join(shown)


def _add(left: AbstractModel, right: Any) -> Sum:
    if not isinstance(right, AbstractModel):
        raise InvalidType(
            f"Cannot add {type(right).__name__} to a model; wrap a Python function as "
            "sf.Function(f), and use sf.Constant() for a number."
        )
    parts: list[AbstractModel] = []
    wished: list[str] = []
    for model in (left, right):
        is_sum = isinstance(model, Sum)
        parts += model.parts if is_sum else (model,)
        wished += model.names if is_sum else (model.label,)
    return Sum(tuple(parts), _distinct(wished))


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Number names that occur more than once: `peak`, `peak_2`, `peak_3`."""
    taken: list[str] = []
    for name in names:
        candidate, count = name, 2
        while candidate in taken:
            candidate, count = f"{name}_{count}", count + 1
        taken.append(candidate)
    return tuple(taken)


class AbstractLinearModel(AbstractModel):
    """A model that is linear in all its parameters: it has a closed-form solution."""

    @abc.abstractmethod
    def columns(self, x) -> Any:
        """Derivative of each output with respect to each parameter.

        Args:
            x: Inputs, shape (n,) or (n, d), NumPy or JAX.

        Returns:
            Array of shape (n, m, p); `evaluate(values, x)` is `columns(x) @ values`.
        """
