"""Quantities computed from the parameters, with the errors that follow from theirs."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from surefit.annotations import Float
from surefit.exceptions import InvalidType, ModelFailed, ShapeMismatch, UnknownParameter
from surefit.models.parameters import Parameters
from surefit.models.tracing.substitution import substituted
from surefit.models.tracing.traced_array import TracedArray, unwrap

# Relative step of central differences: the cube root of the rounding of float64.
STEP = 6e-6
# Relative difference between the traced and the plain value that rounding can explain.
AGREEMENT = 1e-9


class ParameterView:
    """The parameters as a user's function sees them: `p.height`, `p.peak.mean`, `p["weight[0,3]"]`.

    A name with dots is found part by part; the path of an array gives the array.
    """

    __slots__ = ("_entries", "_prefix")

    def __init__(self, entries: Mapping[str, Any], prefix: str = "") -> None:
        """Show those entries whose names begin with the prefix."""
        self._entries, self._prefix = entries, prefix

    def __getitem__(self, name: str) -> Any:
        path = self._prefix + name
        if path in self._entries:
            return self._entries[path]
        if any(entry.startswith(f"{path}.") for entry in self._entries):
            return ParameterView(self._entries, f"{path}.")
        names = [entry for entry in self._entries if entry.startswith(self._prefix)]
        shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
        raise UnknownParameter(f"{path!r} is no parameter of this fit; it has {shown}.")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return (n[len(self._prefix) :] for n in self._entries if n.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclasses.dataclass(frozen=True, eq=False)
class Propagated:
    """Values of a function of the parameters and how they change with them.

    Attributes:
        values: In the shape that the function returned.
        jacobian: Derivatives of the flattened values, shape (k, p).
        is_exact: Whether the derivatives are exact, or central differences.
    """

    values: np.ndarray
    jacobian: Float[np.ndarray, "k p"]
    is_exact: bool


def propagate(
    function: Callable[[Any], Any], parameters: Parameters, values: Float[np.ndarray, " p"]
) -> Propagated:
    """A function of the parameters with its derivatives: exact where it can be traced.

    Args:
        function: Takes a `ParameterView`; returns a number, or a tuple or an array of numbers.
        parameters: Names and shapes.
        values: Their values.

    Returns:
        Value and derivatives.

    Raises:
        UnknownParameter: The function asks for a parameter that there is not.
        ModelFailed: The function raises.
        InvalidType: It returns something else than real numbers.
    """

    def plain(vector: np.ndarray) -> np.ndarray:
        return _as_numbers(_called(function, _entries(parameters, vector)))

    expected = plain(values)
    try:
        jacobian = _traced_jacobian(function, parameters, values, expected)
    except Exception:  # whatever tracing cannot follow: the plain function works
        jacobian = None
    if jacobian is not None:
        return Propagated(expected, jacobian, True)
    steps = np.diag(STEP * np.where(values != 0, np.abs(values), 1.0))
    columns = [(plain(values + s) - plain(values - s)).ravel() / (2 * s.max()) for s in steps]
    return Propagated(expected, np.stack(columns, axis=1), False)


def _entries(parameters: Parameters, vector: Any) -> dict[str, Any]:
    """Numbers by flat name, and arrays by path."""
    numbers = {name: vector[i] for i, name in enumerate(parameters.names)}
    return {**parameters.split(vector), **numbers}


def _called(function: Callable[[Any], Any], entries: Mapping[str, Any]) -> Any:
    try:
        return function(ParameterView(entries))
    except UnknownParameter:
        raise
    except Exception as error:
        raise ModelFailed(
            f"The function of the parameters raised {type(error).__name__}: {error}. It gets one "
            "argument, the parameters by attribute: lambda p: p.A * p.sigma."
        ) from error


def _as_numbers(result: Any) -> np.ndarray:
    try:
        array = np.asarray(result)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"numbers of type {array.dtype}")
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidType(
            f"The function of the parameters returned {type(result).__name__} ({error}); return a "
            "real number, or a tuple or array of them."
        ) from None


def _traced_jacobian(
    function: Callable[[Any], Any], parameters: Parameters, values: np.ndarray, expected: np.ndarray
) -> np.ndarray | None:
    """Exact derivatives, or None if the traced function gives other values than the plain one."""
    follow = substituted(function)

    def traced(vector: Any) -> Any:
        entries = {key: TracedArray(part) for key, part in _entries(parameters, vector).items()}
        result = follow(ParameterView(entries))
        if isinstance(result, tuple | list):
            return jnp.stack([jnp.asarray(unwrap(part)) for part in result])
        return jnp.asarray(unwrap(result))

    found = np.asarray(traced(jnp.asarray(values)))
    if found.shape != expected.shape or not np.allclose(
        found, expected, rtol=AGREEMENT, atol=0, equal_nan=True
    ):
        return None
    return np.asarray(jax.jacfwd(traced)(jnp.asarray(values))).reshape(-1, len(values))


def undetermined(
    jacobian: Float[np.ndarray, "k p"], tangent: Float[np.ndarray, "n p"]
) -> np.ndarray:
    """Which quantities depend on a combination of parameters that the data leave free.

    Args:
        jacobian: Derivatives of the quantities.
        tangent: Derivatives of the predictions, whitened; columns of zero where held.

    Returns:
        A mask of shape (k,).

    Raises:
        ShapeMismatch: They are not of the same parameters.
    """
    if jacobian.shape[1] != tangent.shape[1]:
        raise ShapeMismatch(f"Derivatives of shapes {jacobian.shape} and {tangent.shape}.")
    length = np.linalg.norm(tangent, axis=0)
    scale = np.where(length > 0, length, 1.0)
    _, sizes, rows = np.linalg.svd(np.linalg.qr(tangent / scale, mode="r"), full_matrices=True)
    sizes = np.concatenate([sizes, np.zeros(len(rows) - len(sizes))])
    free = rows[sizes <= 1e-10 * sizes.max(initial=0.0)]
    scaled = jacobian / scale
    share = np.linalg.norm(scaled @ free.T, axis=1)
    return share > 1e-6 * np.linalg.norm(scaled, axis=1)
