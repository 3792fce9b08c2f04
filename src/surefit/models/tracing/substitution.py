"""A copy of a user's function that sees traceable twins where NumPy itself would not hand over.

`TracedArray` answers whatever NumPy dispatches. `np.array([a, b])`, `np.zeros(n)`, `math.exp(a)`
and `float(a)` are not dispatched, so the function's global names (and those of the plain Python
functions it calls) are looked up in a changed copy of its globals. The original is untouched, and
the result is always compared with it (`tracing.traceable`).
"""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from surefit.models.tracing.library_twins import BUILTIN_TWINS, library_twin

# Libraries whose Python functions stay as they are unless listed in _READABLE.
_OPAQUE = frozenset({"numpy", "scipy", "jax", "jaxlib", "surefit", "builtins", "functools"})
# Library functions in plain Python and NumPy, which are followed as a user's are.
_READABLE = ("numpy.polynomial",)


def substituted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with traceable twins behind its global names and closures, as they are now.

    Args:
        function: A Python function, bound method, `functools.partial`, or object with `__call__`.

    Returns:
        A callable of the same arguments; the function itself if it is not Python code.
    """
    memo: dict[int, Any] = {}
    new = _twin(function, memo)
    if new is function and not isinstance(function, type | types.BuiltinFunctionType | np.ufunc):
        call = vars(type(function)).get("__call__")
        if isinstance(call, types.FunctionType):
            return types.MethodType(_twin(call, memo), function)
    return new


def _twin(value: Any, memo: dict[int, Any]) -> Any:
    """What to see instead of one value; the value itself where nothing need change."""
    if isinstance(value, types.ModuleType):
        return ModuleTwin(value, memo) if _root(value.__name__) in _FOLLOWED else value
    if isinstance(value, types.MethodType):
        return types.MethodType(_twin(value.__func__, memo), value.__self__)
    if isinstance(value, functools.partial):
        return functools.partial(_twin(value.func, memo), *value.args, **value.keywords)
    if _is_wrapper(value):
        return _twin(getattr(value, "__wrapped__", None) or value.py_func, memo)
    if isinstance(value, np.vectorize):
        return _twin(value.pyfunc, memo)
    if isinstance(value, types.FunctionType) and _is_readable(value):
        return _rebound(value, memo)
    return library_twin(value)


_FOLLOWED = frozenset({"numpy", "scipy", "math"})


def _root(module: str) -> str:
    return module.split(".")[0]


def _is_wrapper(value: Any) -> bool:
    """Whether a value is a cache or a numba compilation around a Python function."""
    is_numba = _root(type(value).__module__) == "numba" and callable(
        getattr(value, "py_func", None)
    )
    return is_numba or isinstance(value, functools._lru_cache_wrapper)


def _is_readable(function: types.FunctionType) -> bool:
    module = function.__module__ or ""
    return _root(module) not in _OPAQUE or module.startswith(_READABLE)


class ModuleTwin:
    """A module of NumPy, SciPy or `math` whose functions take traced values."""

    def __init__(self, module: types.ModuleType, memo: dict[int, Any]) -> None:
        """Stand in for `module`."""
        self._module = module
        self._memo = memo

    def __getattr__(self, name: str) -> Any:
        """The module's attribute, or its twin."""
        return _twin(getattr(self._module, name), self._memo)


def _rebound(function: types.FunctionType, memo: dict[int, Any]) -> types.FunctionType:
    """The same code over a changed copy of its globals and closure."""
    if id(function) in memo:
        return memo[id(function)]
    original = function.__globals__
    names = memo.setdefault(id(original), dict(original))
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    new = types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, cells or None
    )
    new.__kwdefaults__ = function.__kwdefaults__
    memo[id(function)] = new  # before what it refers to, which may be itself
    for name in _names(function.__code__):
        if name in original:
            names[name] = _twin(original[name], memo)
        elif name in BUILTIN_TWINS and _is_only_called(function.__code__, name):
            names[name] = BUILTIN_TWINS[name]
    for cell, old in zip(cells, function.__closure__ or (), strict=True):
        try:
            cell.cell_contents = _twin(old.cell_contents, memo)
        except ValueError:  # an empty cell: a name not assigned yet
            continue
    return new


def _is_only_called(code: types.CodeType, name: str) -> bool:
    """Whether a global name is loaded for nothing but a call of it, here and in inner functions."""
    loads = [
        instruction
        for instruction in dis.get_instructions(code)
        if instruction.opname == "LOAD_GLOBAL" and instruction.argval == name
    ]
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    # The lowest bit of the instruction's argument says that a call follows.
    is_called = all((instruction.arg or 0) & 1 for instruction in loads)
    return is_called and all(_is_only_called(constant, name) for constant in inner)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
