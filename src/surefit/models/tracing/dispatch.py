"""Call twins on raw values: lists of numbers, constants, methods of ufuncs, x[mask]."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from surefit.models.tracing.guarded_derivatives import note_selection
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.models.tracing.numpy_twins import function_twin, numpy_functions, ufunc_twin


def apply_ufunc(ufunc: np.ufunc, method: str, raw: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Call a ufunc, or a method of it such as "reduce", on raw values; constants stay NumPy's."""
    if not has_jax(raw):
        return getattr(ufunc, method)(*raw, **keywords)
    # Options such as casting and order have no meaning for JAX.
    keywords = {key: value for key, value in keywords.items() if key in ("axis", "keepdims")}
    twin = ufunc_twin(ufunc) if method == "__call__" else _ufunc_method(ufunc, method)
    if twin is None:
        raise NotTraceable(f"uses {ufunc.__name__}, which has no exact derivative here")
    return twin(*raw, **keywords)


def apply_function(function: Any, raw: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Call any other function on raw values; constants stay NumPy's."""
    if not has_jax(raw) and not has_jax(keywords):
        return function(*raw, **keywords)
    twin = function_twin(function)
    if twin is None:
        name = getattr(function, "__name__", str(function))
        raise NotTraceable(f"uses {name}, which has no exact derivative here")
    return twin(*raw, **keywords)


def _ufunc_method(ufunc: np.ufunc, method: str) -> Callable[..., Any]:
    twin = getattr(getattr(jnp, ufunc.__name__, None), method, None)
    if twin is None:
        raise NotTraceable(f"uses {ufunc.__name__}.{method}, which has no exact derivative here")
    return functools.partial(twin, inplace=False) if method == "at" else twin


# Functions whose list arguments are lists of arrays or functions; for others a list is an array.
LISTS_OF_ARRAYS = numpy_functions("""
    concatenate stack hstack vstack dstack column_stack block select piecewise broadcast_arrays
    meshgrid array asarray asanyarray einsum atleast_1d atleast_2d
""")


def as_arguments(function: Any, value: Any) -> Any:
    """Make an argument of raw values one that `jax.numpy` takes: lists of numbers become arrays."""
    if isinstance(value, np.integer):
        return int(value)
    if function in LISTS_OF_ARRAYS or not isinstance(value, list | tuple):
        return value
    is_shape = isinstance(value, tuple) and all(isinstance(part, int) for part in value)
    if is_shape or any(callable(part) or isinstance(part, str | type(None)) for part in value):
        return value
    return jnp.asarray(value) if has_jax(value) else np.asarray(value)


def has_jax(value: Any) -> bool:
    """Whether a raw value, or anything nested in it, is a JAX array."""
    if isinstance(value, list | tuple):
        return any(has_jax(part) for part in value)
    if isinstance(value, dict):
        return any(has_jax(part) for part in value.values())
    return isinstance(value, jax.Array)


def split_mask(index: Any) -> tuple[Any, tuple[Any, ...]]:
    """A traced boolean mask in first place of an index, and what follows it."""
    first, *rest = index if isinstance(index, tuple) and index else (index,)
    if isinstance(first, jax.Array) and first.dtype == bool:
        return first, tuple(rest)
    if any(isinstance(part, jax.Array) and part.dtype == bool for part in rest):
        raise NotTraceable("indexes with a mask after another index")
    return None, ()


def is_basic(index: Any) -> bool:
    """Whether an index gives a view: whole numbers, slices, new axes."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, int | slice | type(None) | type(Ellipsis)) for part in parts)


def reduce_masked(function: Any, value: Any, mask: Any) -> Any:
    """A reduction of x[mask] to one number."""
    note_selection()
    return getattr(jnp, function.__name__)(value, where=mask, **REDUCTIONS[function])


# Of x[mask], with what the masked maximum and minimum start from.
REDUCTIONS: dict[Any, dict[str, Any]] = {
    np.sum: {},
    np.prod: {},
    np.mean: {},
    np.std: {},
    np.var: {},
    np.any: {},
    np.all: {},
    np.max: {"initial": -np.inf},
    np.min: {"initial": np.inf},
}
ELEMENTWISE = numpy_functions("""
    where clip round around fix select real imag angle nan_to_num sinc i0 zeros_like ones_like
    empty_like full_like polyval interp piecewise isclose ndim copy
""")
