"""Functions of NumPy, SciPy, `math` and Python that take traced values."""

from __future__ import annotations

import builtins
import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.models.tracing.distribution_twins import DistributionTwin
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.models.tracing.numpy_twins import function_twin
from surefit.models.tracing.special_twins import host_function
from surefit.models.tracing.traced_array import TracedArray, call_twin, is_traced, wrap


def library_twin(value: Any) -> Any:
    """What a traced function sees instead of a library's function; other things unchanged."""
    module = getattr(value, "__module__", None) or ""
    root = module.split(".")[0]
    if value is np.vectorize:
        return _vectorize
    if module == "math":
        return _math_twin(value) if callable(value) else value
    if root not in ("numpy", "scipy") or isinstance(value, type | np.ufunc) or not callable(value):
        return value
    if type(value).__module__.startswith("scipy.stats"):
        return DistributionTwin(value)
    if type(value).__module__.startswith("scipy.interpolate"):
        return _spline_twin(value)
    if type(value).__hash__ is None:
        return value
    if value in _CREATING:
        return _creating(value)
    return value if function_twin(value) is None else _dispatching(value)


def _spline_twin(spline: Any) -> Any:
    """A spline of one variable with a fixed table, whose derivative is a spline again."""
    if not callable(getattr(spline, "derivative", None)) or np.ndim(spline(0.0)) > 0:
        return spline

    def call(x: Any, *options: Any, **named: Any) -> Any:
        if not is_traced(x) or options or named:
            return spline(x, *options, **named)
        return wrap(_spline_on_host(spline)(x._unmasked()))

    return call


def _spline_on_host(spline: Any) -> Callable[[Any], Any]:
    # The derivative is made only when it is asked for: each has another below it.
    return host_function(spline, lambda x: _spline_on_host(spline.derivative())(x))


def _dispatching(function: Callable[..., Any]) -> Callable[..., Any]:
    """Call the twin if any argument, also inside a list, is traced; otherwise the original."""

    @functools.wraps(function, updated=())
    def call(*args: Any, **keywords: Any) -> Any:
        if is_traced(args) or is_traced(keywords):
            return call_twin(function, args, keywords)
        return function(*args, **keywords)

    return call


def _creating(function: Callable[..., Any]) -> Callable[..., Any]:
    """np.zeros and kin give arrays into which traced values can be written."""

    @functools.wraps(function, updated=())
    def create(*args: Any, **keywords: Any) -> Any:
        if function is np.full and is_traced(args):
            shape, value = args[:2]
            return np.zeros(shape) + value
        result = function(*args, **keywords)
        # Whole numbers are counters and indices, which must stay plain.
        return (
            wrap(result) if isinstance(result, np.ndarray) and result.dtype.kind in "fc" else result
        )

    def convert(value: Any, *args: Any, **keywords: Any) -> Any:
        if isinstance(value, TracedArray) and function is not np.array:
            dtype = keywords.get("dtype", args[0] if args else None)
            return value if dtype in (None, float, value.dtype) else value.astype(dtype)
        if is_traced(value):
            return call_twin(function, (value, *args), keywords)
        return create(value, *args, **keywords)

    return convert if function_twin(function) is not None else create


_CREATING = frozenset(
    {np.zeros, np.ones, np.empty, np.full, np.eye, np.identity}
    | {np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asarray_chkfinite}
)


def _vectorize(function: Any = None, **options: Any) -> Any:
    """np.vectorize: an elementwise function of traced arrays needs no loop."""
    if options:
        raise NotTraceable("uses np.vectorize with options")
    return function


def _math_twin(function: Any) -> Callable[..., Any]:
    """A function of `math` that takes traced numbers too."""
    name = function.__name__

    def call(*args: Any) -> Any:
        if not is_traced(args):
            return function(*args)
        if name == "log" and len(args) == 2:
            return np.log(args[0]) / np.log(args[1])
        if name in _SPECIAL_OF_MATH:
            special = importlib.import_module("scipy.special")
            return getattr(special, _SPECIAL_OF_MATH[name])(*args)
        twin = getattr(np, _NUMPY_OF_MATH.get(name, name), None)
        if twin is None:
            raise NotTraceable(f"uses math.{name}, which only takes plain numbers")
        return call_twin(twin, args, {}) if not isinstance(twin, np.ufunc) else twin(*args)

    return call


_NUMPY_OF_MATH = {
    "pow": "power",
    "dist": "",
    "fsum": "sum",
    "comb": "",
    "perm": "",
    "sumprod": "dot",
}
_SPECIAL_OF_MATH = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}


def _isinstance(value: Any, kind: Any) -> bool:
    """A traced array passes for the NumPy array or number it stands for."""
    if not isinstance(value, TracedArray):
        return isinstance(value, kind)
    alike = np.empty(1, value.dtype)[0] if value.ndim == 0 else np.empty(0, value.dtype)
    return isinstance(alike, kind) or isinstance(value, kind)


def _float(value: Any = 0.0) -> Any:
    if isinstance(value, TracedArray) and value.ndim == 0:
        return value.astype(float)
    return float(value)


def _extreme(plain: Callable[..., Any], twin: np.ufunc) -> Callable[..., Any]:
    def choose(*args: Any, **keywords: Any) -> Any:
        values = list(args[0]) if len(args) == 1 else args
        if keywords or not is_traced(values) or any(np.ndim(value) for value in values):
            return plain(*args, **keywords)
        return functools.reduce(twin, values)

    return choose


# Seen where the function only calls them (`dtype=float` must stay what it is). `range`, `len`,
# `sum`, `abs`, `pow` and `divmod` work on traced values as they are.
BUILTIN_TWINS: dict[str, Any] = {
    "float": _float,
    "isinstance": _isinstance,
    "max": _extreme(builtins.max, np.maximum),
    "min": _extreme(builtins.min, np.minimum),
}
