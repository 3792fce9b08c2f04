"""Any Python function of (x, parameters…) as a model, unmodified."""

import dataclasses
import inspect
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from surefit.data.checked import Data
from surefit.data.scales import Scales, scales_of
from surefit.exceptions import InvalidModel, InvalidType, ModelFailed, ShapeMismatch
from surefit.models.base import AbstractModel, Conversion
from surefit.models.parameters import Parameter, Parameters
from surefit.models.signature import as_predictions, parameter_arguments, settings_hint
from surefit.models.structures.canonical import canonical
from surefit.models.structures.find import Trial
from surefit.models.structures.known import structure_of
from surefit.models.structures.whole import Structure
from surefit.models.tracing.decisions import Decisions, known_decisions
from surefit.models.tracing.fingerprint import fingerprint
from surefit.models.tracing.margins import margins
from surefit.models.tracing.trace import jax_function, traceable


@dataclasses.dataclass(frozen=True)
class Function(AbstractModel):
    """A Python function as a model.

    The function takes x as its first argument and then either one scalar per parameter,
    `f(x, a, b)`, or one array of parameters, `f(x, parameters)`, whose length `n_parameters` says.
    It is written in plain NumPy and called with all points at once. Keyword-only arguments and
    arguments with a default that is not a number are options: they keep their defaults. A numeric
    default is a start to try, nothing more.

    Attributes:
        function: The function.
        n_parameters: Length of its one array of parameters, or None for scalar parameters.

    Raises:
        InvalidType: It is not callable.
        InvalidModel: Its signature has no parameters to fit, or takes `*args`.

    Example:
        >>> def decay(x, height, lifetime):
        ...     return height * np.exp(-x / lifetime)
        >>> Function(decay).argument_names
        ('height', 'lifetime')
    """

    function: Callable[..., Any]
    n_parameters: int | None = None

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise InvalidType(
                f"The model is a {type(self.function).__name__}; pass a model such as sf.Line(), "
                "or a Python function f(x, a, b, ...)."
            )
        n = self.n_parameters
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
            raise InvalidModel(f"n_parameters is {n!r}; give a whole number of at least 1.")
        names = self.argument_names
        if not names:
            raise InvalidModel(
                f"{self.label} has no parameters to fit; write it as f(x, a, b, ...)."
            )
        if n is not None and len(names) != 1:
            raise InvalidModel(
                f"n_parameters={n} needs a function f(x, parameters) of one array, but "
                f"{self.label} has the parameters {', '.join(names)}."
            )

    def _key(self) -> Hashable:
        return fingerprint(self.function), self.n_parameters

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._key() == other._key()

    @property
    def argument_names(self) -> tuple[str, ...]:
        """Names of the arguments that are parameters."""
        return tuple(argument.name for argument in parameter_arguments(self.function))

    @property
    def defaults(self) -> dict[str, float]:
        """Numeric defaults in the signature, by parameter name."""
        arguments = parameter_arguments(self.function)
        return {
            argument.name: float(argument.default)
            for argument in arguments
            if argument.default is not inspect.Parameter.empty
        }

    def parameters(self) -> Parameters:
        if self.n_parameters is not None:
            return Parameters((Parameter(self.argument_names[0], (self.n_parameters,)),))
        return Parameters(tuple(Parameter(name) for name in self.argument_names))

    def call(self, values: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Call the function as plain NumPy.

        Args:
            values: Flat parameter vector, shape (p,).
            x: Inputs, (n,) or (n, d).

        Returns:
            Predictions, shape (n, m).

        Raises:
            ModelFailed: The function raised an error.
            ShapeMismatch: Its result does not have one value for each point.
        """
        arguments = (values,) if self.n_parameters is not None else tuple(values)
        try:
            with np.errstate(all="ignore"):
                result = self.function(x, *arguments)
        except Exception as error:
            raise ModelFailed(
                f"{self.label} raised {type(error).__name__}: {error} (called with x of shape "
                f"{x.shape} and {self._shown(values)}).{settings_hint(self.defaults, error)}"
            ) from error
        return as_predictions(result, len(x), self.label)

    def _shown(self, values: np.ndarray) -> str:
        pairs = zip(self.parameters().names, values, strict=True)
        shown = [f"{name}={float(value):.6g}" for name, value in list(pairs)[:8]]
        return ", ".join(shown) + (", ..." if len(values) > 8 else "")

    def _first_guess(self, names: tuple[str, ...]) -> np.ndarray:
        """The numeric defaults in the signature, ones elsewhere, shape (p,)."""
        defaults = self.defaults
        return np.array([defaults.get(name, 1.0) for name in names])

    def resolve(self, data: Data) -> "ResolvedFunction":
        structure = self.structure(data.x, scales_of(data))
        if structure.n_outputs != data.n_outputs:
            raise ShapeMismatch(
                f"{self.label} returns {structure.n_outputs} output(s) for each point but y has "
                f"{data.n_outputs}; return shape ({data.n_points}, {data.n_outputs})."
            )
        return ResolvedFunction(self, fingerprint(self.function), structure)

    def structure(self, x: np.ndarray, scales: Scales) -> Structure:
        """How the function depends on its parameters, found by calling it.

        Args:
            x: Inputs, (n,) or (n, d).
            scales: Sizes that the data suggest.

        Raises:
            ModelFailed: It is finite for no parameters tried, or raises an error.
            ShapeMismatch: Its result does not have one value for each point.
        """
        names, key = self.parameters().names, fingerprint(self.function)
        guess = self._first_guess(names)
        trial = Trial(self.call, self.label, names, guess, x, scales, self._traced, self._margins)
        return structure_of((key, names), trial)

    def _margins(self, x: np.ndarray, vectors: np.ndarray) -> list[np.ndarray]:
        return margins(self.function, x, vectors, self.n_parameters is not None)

    def _traced(self, x: np.ndarray, vectors: np.ndarray) -> tuple[str, Decisions]:
        """Why it cannot be traced, or nothing, and its comparisons."""
        is_array = self.n_parameters is not None
        reason = traceable(self.function, x, vectors, is_array).reason
        if reason:
            return reason, Decisions()
        return "", known_decisions(self.function, x, vectors.shape[1], is_array)

    def evaluate(self, values, x):
        return self.call(np.asarray(values), np.asarray(x))

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "Function":
        return self

    @property
    def is_pointwise(self) -> bool:
        return False  # not known before the function has been tried on data

    @property
    def label(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__).strip("<>")

    def __str__(self) -> str:
        shown = "" if self.n_parameters is None else f", n_parameters={self.n_parameters}"
        return self.label if not shown else f"Function({self.label}{shown})"


@dataclasses.dataclass(frozen=True)
class ResolvedFunction(AbstractModel):
    """A function whose structure on the data is known, ready to be differentiated.

    Attributes:
        source: The function as a model.
        key: Its fingerprint at the time of the fit: a changed global makes another key.
        structure: What trying it found.
    """

    source: Function
    key: Hashable
    structure: Structure

    def __hash__(self) -> int:
        return hash(self._compiled_by)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResolvedFunction) and self._compiled_by == other._compiled_by

    @property
    def _compiled_by(self) -> Hashable:
        """What a compiled kernel depends on; the rest of the structure steers the search."""
        structure = self.structure
        return self.key, structure.linear, structure.is_pointwise, structure.reason

    @property
    def defaults(self) -> np.ndarray:
        """The numeric defaults in the signature, NaN where there is none, shape (p,)."""
        given = self.source.defaults
        return np.array([given.get(name, np.nan) for name in self.structure.names])

    @property
    def untraceable(self) -> str:
        """Why it has no exact derivatives, or an empty string if it has."""
        return self.structure.reason

    def resolve(self, data: Data) -> "ResolvedFunction":
        return self.source.resolve(data)

    def parameters(self) -> Parameters:
        items, start = [], 0
        for item in self.source.parameters().items:
            linear = self.structure.linear[start : start + item.size]
            items.append(dataclasses.replace(item, linear=all(linear)))
            start += item.size
        return Parameters(tuple(items))

    @property
    def takes_numbers(self) -> bool:
        return self.source.n_parameters is None

    def evaluate(self, values, x):
        if isinstance(values, np.ndarray) and isinstance(x, np.ndarray):
            return self.source.call(values, x)
        arguments = tuple(values) if self.takes_numbers else (values,)
        result = jax_function(self.source.function)(x, *arguments)
        return result.reshape(len(x), -1)

    def margins(self, vectors: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
        """The margins of `structure.comparisons` at vectors (s, p): arrays, mostly (s, n).

        A point changes side where a margin crosses zero, or a whole number, by the `kind`.
        """
        return self.source._margins(x, vectors)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return canonical(self.structure, values)

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "ResolvedFunction":
        return self

    @property
    def is_pointwise(self) -> bool:
        return self.structure.is_pointwise

    @property
    def label(self) -> str:
        return self.source.label

    def __str__(self) -> str:
        return str(self.source)


def as_model(model: Any, n_parameters: int | None = None) -> AbstractModel:
    """A model as it is, or a Python function made into one.

    Args:
        model: A model, or a function f(x, a, b, …) or f(x, parameters).
        n_parameters: Length of a function's one array of parameters, if known.

    Raises:
        InvalidType: It is neither.
    """
    if isinstance(model, AbstractModel):
        return model
    if isinstance(model, type) and issubclass(model, AbstractModel):
        raise InvalidType(f"Pass a model, not its class: {model.__name__}(...), with parentheses.")
    return Function(model, n_parameters)
