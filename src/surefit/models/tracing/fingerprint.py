"""A key for what a function computes: its code and everything the code refers to.

A compiled kernel freezes globals and closures. Keyed by this, a function defined again without a
change (a notebook cell run twice) finds its kernel, and one whose constants have changed does not.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import inspect
import types
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np

# Functions and modules of these are taken to be what their name says; ours too, but for functions
# that are made anew with other constants each time.
_OWN = __name__.split(".")[0]
_LIBRARIES = frozenset({"builtins", "numpy", "scipy", "math", "cmath", "jax", "jaxlib", _OWN})


Seen = dict[int, tuple[int, Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Same:
    """Stands for an object whose content cannot be read: equal only to the same object.

    Holding the object keeps its identity from being used again.
    """

    thing: Any

    def __eq__(self, other: object) -> bool:
        """Whether both stand for one object."""
        return isinstance(other, Same) and other.thing is self.thing

    def __hash__(self) -> int:
        """By identity."""
        return id(self.thing)


def fingerprint(function: Callable[..., Any]) -> Hashable:
    """A hashable key that is equal for functions that compute the same.

    It covers the code (names of variables and constants, not line numbers or the function's own
    name), defaults, the closure, and the globals it refers to as they are now: numbers, strings,
    containers and arrays by content; plain Python functions and constants of modules by the same
    rules; classes, and objects that cannot be read, by identity. A method or a callable object is
    covered with the state of its object.

    Args:
        function: Any callable.

    Returns:
        A key. It may hold references to objects that the function refers to.

    Example:
        >>> def make(rate):
        ...     return lambda x, a: a * x * rate
        >>> fingerprint(make(2.0)) == fingerprint(make(2.0))
        True
        >>> fingerprint(make(2.0)) == fingerprint(make(3.0))
        False
    """
    return _content(function, {})


def _content(value: Any, seen: Seen) -> Hashable:
    """The key of anything; what is being keyed already is named by its place, so cycles end."""
    if value is None or isinstance(value, bool | int | str | bytes | type(Ellipsis)):
        return type(value).__name__, value
    if isinstance(value, float | complex):
        return type(value).__name__, repr(value)  # tells -0.0 from 0.0, and NaN equals itself
    if isinstance(value, np.generic | np.ndarray):
        return _array_content(value, seen)
    if id(value) in seen:
        return "seen", seen[id(value)][0]
    seen[id(value)] = len(seen), value  # held, so that no other object gets its identity
    if isinstance(value, types.CodeType):
        return _code_content(value, seen)
    if isinstance(value, types.ModuleType | type | types.BuiltinFunctionType | np.ufunc):
        return Same(value)
    if isinstance(value, types.FunctionType):
        return _function_content(value, seen)
    return _container_content(value, seen)


def _array_content(value: np.generic | np.ndarray, seen: Seen) -> Hashable:
    array = np.asarray(value)
    if array.dtype.hasobject:
        return "objects", array.shape, tuple(_content(item, seen) for item in array.ravel())
    digest = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16).hexdigest()
    return type(value).__name__, array.dtype.str, array.shape, digest


def _container_content(value: Any, seen: Seen) -> Hashable:
    """Containers, wrappers of functions, and objects with readable attributes."""
    name = type(value).__name__
    if isinstance(value, list | tuple):
        return name, tuple(_content(item, seen) for item in value)
    if isinstance(value, set | frozenset):
        # Members of a set have no order; simple ones have an order by name.
        members = sorted(value, key=repr)
        return name, tuple(_content(item, seen) for item in members)
    if isinstance(value, Mapping):
        items = value.items()
        return name, tuple((_content(key, seen), _content(item, seen)) for key, item in items)
    if isinstance(value, functools.partial):
        return name, _content((value.func, value.args, value.keywords), seen)
    if isinstance(value, types.MethodType):
        return name, _content((value.__func__, value.__self__), seen)
    if isinstance(value, np.vectorize):
        return name, _content(value.pyfunc, seen)
    wrapped = inspect.getattr_static(value, "__wrapped__", None)
    if isinstance(value, functools._lru_cache_wrapper) and wrapped is not None:
        return name, _content(wrapped, seen)
    return _object_content(value, seen)


def _object_content(value: Any, seen: Seen) -> Hashable:
    """Objects of classes written in Python, by their attributes; others by identity."""
    kind = type(value)
    module = kind.__module__.split(".")[0]
    if getattr(kind, "__array__", None) is not None:
        return kind.__name__, _array_content(np.asarray(value), seen)  # JAX arrays, data frames
    if isinstance(value, enum.Enum) or module in _LIBRARIES:
        # A frozen record of ours says itself what it is equal to: a formula, its text.
        is_record = dataclasses.is_dataclass(kind) and kind.__hash__ is not object.__hash__
        return (kind.__name__, value) if is_record and _is_hashable(value) else Same(value)
    slots = [slot for base in kind.__mro__ for slot in base.__dict__.get("__slots__", ())]
    state = getattr(value, "__dict__", None)
    if state is None and not slots:
        return Same(value)
    held = {name: getattr(value, name, "missing") for name in slots}
    held.update(state or {})
    call = kind.__dict__.get("__call__")
    return Same(kind), _content(call, seen), _content(held, seen)


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _function_content(function: types.FunctionType, seen: Seen) -> Hashable:
    library = (function.__module__ or "").split(".")[0]
    if library in _LIBRARIES and not (library == _OWN and function.__closure__):
        return Same(function)
    code = function.__code__
    return (
        "function",
        _content(code, seen),
        _content(function.__defaults__, seen),
        _content(function.__kwdefaults__, seen),
        tuple(_cell_content(cell, seen) for cell in function.__closure__ or ()),
        tuple(_global_contents(function, seen)),
    )


def _cell_content(cell: types.CellType, seen: Seen) -> Hashable:
    try:
        return _content(cell.cell_contents, seen)
    except ValueError:
        return "empty cell"


def _global_contents(function: types.FunctionType, seen: Seen) -> Iterator[tuple[str, Hashable]]:
    """Each global name the code may read, and, for a user's module, each of its attributes read."""
    names = sorted(set(_names(function.__code__)))
    known = function.__globals__
    for name in names:
        if name not in known:
            continue
        value = known[name]
        yield name, _content(value, seen)
        if isinstance(value, types.ModuleType) and _is_user_module(value):
            for attribute in names:
                if attribute in vars(value):
                    yield f"{name}.{attribute}", _content(vars(value)[attribute], seen)


def _is_user_module(module: types.ModuleType) -> bool:
    return module.__name__.split(".")[0] not in _LIBRARIES


def _names(code: types.CodeType) -> Iterator[str]:
    """Global and attribute names in the code and in the functions defined within it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _code_content(code: types.CodeType, seen: Seen) -> Hashable:
    return (
        "code",
        code.co_code,
        code.co_exceptiontable,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags),
        tuple(_content(constant, seen) for constant in code.co_consts),
    )
