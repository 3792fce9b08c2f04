"""The JAX twin of each NumPy and SciPy function, on raw JAX values.

Most twins are found by name in `jax.numpy`, `jax.numpy.linalg`, `jax.numpy.fft` and `jax.scipy`;
the tables here hold those that need another name, another signature or more careful arithmetic.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from surefit.models.tracing.comparisons import record, record_ufunc
from surefit.models.tracing.guarded_derivatives import (
    bounded_exponential,
    elementwise,
    note_selection,
)
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.models.tracing.special_twins import special_twin

Twin = Callable[..., Any]


def ufunc_twin(ufunc: np.ufunc) -> Twin | None:
    """The twin of a universal function of NumPy or `scipy.special`, or None if there is none.

    The twin records the comparisons it makes (`comparisons.recording`) and guards its derivatives
    where the function traced selects between branches.
    """
    operation = _operation(ufunc)
    if operation is None:
        return None

    def twin(*inputs: Any) -> Any:
        record_ufunc(ufunc, inputs)
        if ufunc in _SELECTING:
            note_selection()
        return elementwise(operation, *inputs) if ufunc not in _PLAIN else operation(*inputs)

    return twin


def function_twin(function: Any) -> Twin | None:
    """The twin of any other function of NumPy or SciPy, or None if there is none."""
    if function in _FUNCTIONS:
        return _FUNCTIONS[function]
    special = special_twin(function)
    if special is not None:
        return special
    name = getattr(function, "__name__", "")
    module = getattr(function, "__module__", None) or ""
    if module.split(".")[0] not in ("numpy", "scipy"):
        return None
    for place in _places(module):
        twin = getattr(place, name, None)
        if twin is not None:
            return twin
    return None


def _places(module: str) -> Sequence[Any]:
    """JAX modules that may hold the twin of a function defined in a module of NumPy or SciPy."""
    parts = module.split(".")
    if parts[0] == "scipy":
        name = ".".join(["jax", *parts[:2]])
        found = len(parts) > 1 and importlib.util.find_spec(name) is not None
        return [importlib.import_module(name)] if found else []
    return [jnp.linalg] if "linalg" in module else [jnp.fft] if "fft" in module else [jnp]


def _operation(ufunc: np.ufunc) -> Twin | None:
    if ufunc in _UFUNCS:
        return _UFUNCS[ufunc]
    name = ufunc.__name__
    if getattr(np, name, None) is ufunc:
        return getattr(jnp, name, None)
    return special_twin(ufunc)


def _power(base: Any, exponent: Any) -> Any:
    """A whole exponent is passed as an int, so that derivatives exist for every base."""
    if isinstance(exponent, float | np.floating | np.integer):
        whole = int(exponent) if np.isfinite(exponent) else 0
        if whole == exponent and abs(whole) <= 64:
            return jnp.power(base, whole)
    return jnp.power(base, exponent)


def _absolute(a: Any) -> Any:
    # JAX takes the derivative at 0 as 1; the symmetric choice leaves a model at a kink in peace.
    return a * jnp.sign(a) if jnp.issubdtype(jnp.result_type(a), jnp.floating) else jnp.abs(a)


def _hypot(a: Any, b: Any) -> Any:
    # The derivative of the square root at the origin is taken as 0, as that of the absolute value.
    square = a * a + b * b
    scale = jnp.where(square == 0, 1.0, square)
    return jnp.where(square == 0, 0.0, jnp.sqrt(scale))


def _where(condition: Any, *values: Any) -> Any:
    if len(values) != 2:
        raise NotTraceable(
            "uses np.where with one argument, which gives a varying number of points"
        )
    note_selection()
    return jnp.where(condition, *values)


def _select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    note_selection()
    result: Any = default
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = jnp.where(condition, choice, result)
    return result


def _piecewise(x: Any, conditions: Any, functions: Any, *args: Any, **keywords: Any) -> Any:
    """All pieces are computed everywhere; NumPy computes each only where it is used."""
    note_selection()
    if not isinstance(conditions, list | tuple):
        conditions = [conditions] if np.ndim(conditions) == np.ndim(x) else list(conditions)
    pieces: list[Any] = [f(x, *args, **keywords) if callable(f) else f for f in functions]
    dtype = jnp.asarray(x).dtype  # np.piecewise returns the type of x
    result: Any = jnp.zeros_like(x)
    if len(pieces) == len(conditions) + 1:
        result = jnp.broadcast_to(jnp.asarray(pieces[-1]), result.shape)
    for condition, piece in zip(conditions, pieces, strict=False):
        result = jnp.where(condition, piece, result)
    return result.astype(dtype)


def _clip(a: Any, *limits: Any, **named: Any) -> Any:
    note_selection()
    low = named.get("a_min", named.get("min", limits[0] if limits else None))
    high = named.get("a_max", named.get("max", limits[1] if len(limits) > 1 else None))
    return jnp.clip(a, low, high)


def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    x, xp, fp = (jnp.asarray(value) for value in (x, xp, fp))
    return jnp.interp(x, xp, fp, left=left, right=right, period=period)


def _round(a: Any, decimals: int = 0, **_: Any) -> Any:
    record(jnp.asarray(a) * 10.0**decimals + 0.5, "integer")
    return jnp.round(a, decimals)


def _truncate(a: Any, **_: Any) -> Any:
    record(a, "integer")
    return jnp.trunc(a)


def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    record(jnp.asarray(x)[..., None] - jnp.asarray(bins))
    return jnp.digitize(x, jnp.asarray(bins), right=right)


def _searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    record(jnp.asarray(v)[..., None] - jnp.asarray(a))
    return jnp.searchsorted(jnp.asarray(a), v, side=side, sorter=sorter)


def _nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None, **_: Any) -> Any:
    note_selection()
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def _like(value: float) -> Twin:
    """Twins of zeros_like and kin: constants, so that plain NumPy can go on filling them."""

    def create(a: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
        return np.full(np.shape(a) if shape is None else shape, value, dtype or jnp.result_type(a))

    return create


def _full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
    return jnp.full_like(a, fill_value, dtype=dtype, shape=shape)


def _array(value: Any, dtype: Any = None, ndmin: int = 0, **_: Any) -> Any:
    # jnp.array forms nested lists of traced numbers too, which NumPy cannot.
    return jnp.array(value, dtype=dtype, ndmin=ndmin)


def _is_scalar(value: Any) -> bool:
    return np.ndim(value) == 0


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord is None or (ord == 2 and (np.ndim(x) == 1 or isinstance(axis, int))):
        square = jnp.sum(jnp.abs(x) ** 2, axis=axis, keepdims=keepdims)
        return jnp.where(square == 0, 0.0, jnp.sqrt(jnp.where(square == 0, 1.0, square)))
    return jnp.linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _copy_to(*_: Any, **__: Any) -> Any:
    raise NotTraceable("uses np.copyto; write out[:] = … or np.where instead")


def numpy_functions(names: str) -> frozenset[Any]:
    """The functions of NumPy with these names, separated by spaces."""
    return frozenset(getattr(np, name) for name in names.split())


# Comparisons and logic have no derivatives; sums and the like keep finite values finite.
_PLAIN = numpy_functions("""
    less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor
    logical_not bitwise_and bitwise_or bitwise_xor invert isnan isfinite isinf signbit sign add
    subtract negative positive absolute conjugate floor ceil trunc rint matmul modf divmod frexp
    left_shift right_shift
""")
_SELECTING = frozenset({np.maximum, np.minimum, np.fmax, np.fmin})
_UFUNCS: dict[np.ufunc, Twin] = {
    np.exp: bounded_exponential(jnp.exp),
    np.expm1: bounded_exponential(jnp.expm1),
    np.exp2: bounded_exponential(jnp.exp2, base=2.0),
    np.sinh: bounded_exponential(jnp.sinh, is_two_sided=True),
    np.cosh: bounded_exponential(jnp.cosh, is_two_sided=True),
    np.power: _power,
    np.float_power: lambda base, exponent: _power(jnp.asarray(base, float), exponent),
    np.hypot: _hypot,
    np.absolute: _absolute,
    np.fabs: lambda a: _absolute(jnp.asarray(a, float)),
}
_FUNCTIONS: dict[Any, Twin] = {
    np.where: _where,
    np.select: _select,
    np.piecewise: _piecewise,
    np.clip: _clip,
    np.interp: _interp,
    np.round: _round,
    np.around: _round,
    np.fix: _truncate,
    np.digitize: _digitize,
    np.searchsorted: _searchsorted,
    np.nan_to_num: _nan_to_num,
    np.zeros_like: _like(0.0),
    np.empty_like: _like(0.0),
    np.ones_like: _like(1.0),
    np.full_like: _full_like,
    np.array: _array,
    np.asarray: _array,
    np.asanyarray: _array,
    np.ascontiguousarray: _array,
    np.asarray_chkfinite: _array,
    np.isscalar: _is_scalar,
    np.iscomplexobj: lambda a: jnp.iscomplexobj(a),
    np.shape: np.shape,
    np.ndim: np.ndim,
    np.size: lambda a, axis=None: np.size(a) if axis is None else np.shape(a)[axis],
    np.copy: lambda a, **_: jnp.asarray(a),
    np.copyto: _copy_to,
    np.linalg.norm: _norm,
    np.real_if_close: lambda a, **_: jnp.asarray(a),
}
