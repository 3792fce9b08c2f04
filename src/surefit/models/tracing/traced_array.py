"""An array that answers NumPy with JAX, so that plain NumPy functions can be traced.

JAX tracers refuse `np.exp`. NumPy hands a call over to whichever argument has `__array_ufunc__` or
`__array_function__`; `TracedArray` has both, looks up the twin in `numpy_twins`, and wraps the
result. The type decides, not the name, so `from numpy import exp` works as well.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from surefit.models.tracing.array_methods import AbstractArrayMethods
from surefit.models.tracing.comparisons import record
from surefit.models.tracing.dispatch import (
    ELEMENTWISE,
    REDUCTIONS,
    apply_function,
    apply_ufunc,
    as_arguments,
    has_jax,
    is_basic,
    reduce_masked,
    split_mask,
)
from surefit.models.tracing.guarded_derivatives import note_selection
from surefit.models.tracing.not_traceable import NotTraceable


class TracedArray(AbstractArrayMethods):
    """A JAX value, or a constant NumPy array, that behaves as a NumPy array.

    Writing in place (`out += …`, `out[mask] = …`) replaces the value held; slices taken from an
    array write through to it. A constant (from `np.zeros`) becomes a JAX value on first contact
    with one. Reading with a mask, `x[mask]`, keeps all points and remembers the mask: elementwise
    functions of it may be written back, `out[mask] = f(x[mask])`, summed or averaged.

    Anything that needs a number (`if a > b`, `float(a)`) raises `NotTraceable`.
    """

    __slots__ = ("_index", "_mask", "_parent", "_value")
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, value: Any, *, mask: Any = None, parent: TracedArray | None = None, index: Any = None
    ) -> None:
        """Wrap a raw value; `mask`, `parent` and `index` say how it was read from another."""
        self._value = value if isinstance(value, jax.Array | np.ndarray) else jnp.asarray(value)
        self._mask = mask
        self._parent = parent
        self._index = index

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
        """Answer `np.exp(self)`, `2 * self`, `np.add.reduce(self)`, and in-place operators."""
        out = keywords.pop("out", (None,))[0]
        where = unwrap(keywords.pop("where", True))
        raw = [as_arguments(ufunc, unwrap(value)) for value in inputs]
        mask = _common_mask(inputs)
        if method != "__call__" and mask is not None:
            raise NotTraceable(f"uses {ufunc.__name__}.{method} on x[mask]")
        result = apply_ufunc(ufunc, method, raw, unwrap(keywords))
        if where is not True:
            note_selection()
            base = unwrap(out) if out is not None else jnp.zeros_like(result)
            result = jnp.where(where, result, base)
        if method == "at":
            return inputs[0]._assign(result) if isinstance(inputs[0], TracedArray) else None
        # A number is replaced, not written into, as Python does with NumPy's scalars. So is a real
        # array: `out += …` binds the name to what is returned here.
        if isinstance(out, TracedArray) and out.ndim > 0:
            return out._assign(result, casting="same_kind")
        return wrap(result, mask)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Answer every other NumPy function: `np.where`, `np.interp`, and so on."""
        return call_twin(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """A constant converts; a value that depends on what is fitted cannot."""
        if isinstance(self._value, np.ndarray):
            return np.array(self._value, dtype=dtype)
        raise NotTraceable(
            "hands x or a parameter to code that converts it to a plain NumPy array, "
            "which loses derivatives"
        )

    def __jax_array__(self) -> jax.Array:
        """Functions of `jax.numpy` take the value itself."""
        return jnp.asarray(self._unmasked())

    # Reading and writing parts

    def __getitem__(self, index: Any) -> Any:
        """Part of the array; a boolean mask keeps all points and remembers itself."""
        raw = unwrap(index)
        mask, rest = split_mask(raw)
        if mask is not None:
            full = self._unmasked()[(slice(None), *rest)] if rest else self._unmasked()
            return TracedArray(full, mask=mask)
        value = self._unmasked()
        if isinstance(value, np.ndarray) and has_jax(raw):
            value = jnp.asarray(value)
        if isinstance(value, jax.Array) and type(raw) is int and -len(value) <= raw < len(value):
            part = jax.lax.index_in_dim(value, raw, keepdims=False)  # cheaper to trace
        else:
            part = value[raw]
        is_view = is_basic(raw) and np.ndim(part) > 0
        if np.ndim(part) == 0 and isinstance(part, np.generic):
            return part
        return TracedArray(part, parent=self if is_view else None, index=raw)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace part of the array, functionally; masks select with `where`."""
        raw = unwrap(index)
        if isinstance(value, TracedArray) and value._parent is self and value._index is raw:
            return  # the second half of out[i] += …, which has written through already
        mask, rest = split_mask(raw)
        if mask is not None:
            self._set_masked(mask, rest, value)
            return
        new = _unmasked(value)
        if isinstance(self._value, np.ndarray) and not has_jax(new) and not has_jax(raw):
            self._value[raw] = new
            self._assign(self._value)
        elif raw is Ellipsis or (isinstance(raw, slice) and raw == slice(None)):
            self._assign(new)
        else:
            new = jnp.asarray(new).astype(self.dtype)
            self._assign(jnp.asarray(self._value).at[raw].set(new))

    def _set_masked(self, mask: Any, rest: tuple[Any, ...], value: Any) -> None:
        note_selection()
        place = (slice(None), *rest)
        old = self._value[place] if rest else self._value
        new = unwrap(value)
        is_masked = isinstance(value, TracedArray) and value._mask is not None
        if not is_masked and np.size(new) != 1:
            raise NotTraceable("assigns an array of its own length to out[mask]")
        while mask.ndim < np.ndim(old):
            mask = mask[..., None]
        self[place if rest else slice(None)] = TracedArray(jnp.where(mask, new, old))

    def _assign(self, value: Any, casting: Any = "unsafe") -> TracedArray:
        value = _unmasked(value) if isinstance(value, TracedArray) else value
        dtype = np.result_type(value) if np.ndim(value) == 0 else value.dtype
        if not np.can_cast(dtype, self.dtype, casting):
            raise NotTraceable(f"writes {dtype} values into an array of {self.dtype} in place")
        if value is not self._value:
            self._value = jnp.broadcast_to(jnp.asarray(value, self.dtype), self._value.shape)
        if self._parent is not None:
            self._parent[self._index] = TracedArray(self._value)
        return self

    def _unmasked(self) -> Any:
        if self._mask is not None:
            raise NotTraceable("uses x[mask] other than element by element")
        return self._value

    # Attributes

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._value.ndim

    @property
    def dtype(self) -> np.dtype:
        """NumPy's type of the elements."""
        return np.dtype(self._value.dtype)

    @property
    def at(self) -> Any:
        """JAX's functional updates, for functions written in `jax.numpy`."""
        return jnp.asarray(self._unmasked()).at

    def astype(self, dtype: Any, **_: Any) -> TracedArray:
        """Converted elements; float to int cuts toward zero, which is recorded as a comparison."""
        if np.issubdtype(dtype, np.integer) and np.issubdtype(self.dtype, np.floating):
            record(self._value, "integer")
        return wrap(self._value.astype(dtype), self._mask)

    def sort(self, axis: int = -1) -> None:
        """Sort in place."""
        self._assign(jnp.sort(self._unmasked(), axis=axis))

    def _number(self, complaint: str) -> Any:
        if isinstance(self._value, np.ndarray):
            return self._value
        raise NotTraceable(complaint)

    def __copy__(self) -> TracedArray:
        """An array of its own."""
        value = self._value.copy() if isinstance(self._value, np.ndarray) else self._value
        return wrap(value, self._mask)

    def __repr__(self) -> str:
        """What it holds."""
        return f"TracedArray({self._value})"

    def __format__(self, specification: str) -> str:
        """Its description: the number is not known while tracing."""
        return repr(self)


def wrap(value: Any, mask: Any = None) -> Any:
    """Wrap raw arrays, also inside tuples and lists; other things pass unchanged.

    Example:
        >>> wrap((np.zeros(2), 3))
        (TracedArray([0. 0.]), 3)
    """
    if isinstance(value, jax.Array | np.ndarray):
        return TracedArray(value, mask=mask)
    if isinstance(value, tuple | list):
        parts = [wrap(part, mask) for part in value]
        if type(value) in (tuple, list):
            return type(value)(parts)
        return type(value)(*parts)  # a named tuple, such as eigh's
    return value


def unwrap(value: Any) -> Any:
    """The raw value of a `TracedArray`, also in containers; functions take and give such."""
    if isinstance(value, TracedArray):
        return value._value
    if type(value) in (tuple, list):
        return type(value)(unwrap(part) for part in value)
    if type(value) is dict:
        return {key: unwrap(part) for key, part in value.items()}
    if isinstance(value, types.FunctionType | types.MethodType | functools.partial):
        return lambda *args, **keywords: unwrap(value(*wrap(args), **keywords))
    return value


def is_traced(value: Any) -> bool:
    """Whether a value, or anything nested in it, is a `TracedArray`."""
    if isinstance(value, list | tuple):
        return any(is_traced(part) for part in value)
    if isinstance(value, dict):
        return any(is_traced(part) for part in value.values())
    return isinstance(value, TracedArray)


def call_twin(function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Call a NumPy or SciPy function on traced values through its twin.

    Args:
        function: The original, as NumPy's dispatcher names it.
        args: Its arguments, some of them traced.
        keywords: Its keyword arguments.

    Returns:
        The twin's result, wrapped.

    Raises:
        NotTraceable: There is no twin, or the arguments are beyond it.
    """
    out = keywords.get("out")
    raw_keywords = {key: unwrap(value) for key, value in keywords.items() if key != "out"}
    raw = [as_arguments(function, unwrap(value)) for value in args]
    mask = _common_mask(args)
    if mask is not None and function in REDUCTIONS and not (keywords or len(args) > 1):
        return wrap(reduce_masked(function, raw[0], mask))
    if mask is not None and function not in ELEMENTWISE:
        raise NotTraceable("uses x[mask] other than element by element")
    result = apply_function(function, raw, raw_keywords)
    if isinstance(out, TracedArray):
        return out._assign(result)
    return wrap(result, mask)


def _unmasked(value: Any) -> Any:
    return value._unmasked() if isinstance(value, TracedArray) else unwrap(value)


def _common_mask(values: Any) -> Any:
    """The mask of the values read with one; all others must then be numbers."""
    if isinstance(values, TracedArray):
        return values._mask
    if not isinstance(values, tuple | list):
        return None
    masks = [mask for mask in map(_common_mask, values) if mask is not None]
    if not masks:
        return None
    if any(np.ndim(unwrap(v)) > 0 and _common_mask(v) is None for v in values if is_number(v)):
        raise NotTraceable("combines x[mask] with an array of another length")
    return masks[0]


def is_number(value: Any) -> bool:
    """Whether a value is an array or a number, rather than a container or an option."""
    return isinstance(value, TracedArray | np.ndarray | np.generic | int | float | complex)
