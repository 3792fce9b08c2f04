"""The methods and attributes of NumPy arrays, in terms of NumPy's functions."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# NumPy's type hints do not know that its functions take any array type that answers them.
_numpy: Any = np


class AbstractArrayMethods(NDArrayOperatorsMixin, abc.ABC):
    """What an array type gets for free once NumPy's functions take it.

    Operators come from NumPy's mixin; each method calls the function of its name, which hands the
    work back through `__array_function__`.
    """

    __slots__ = ()

    @abc.abstractmethod
    def _number(self, complaint: str) -> Any:
        """The plain value, or `NotTraceable` with the complaint if it is not known."""

    @abc.abstractmethod
    def _unmasked(self) -> Any:
        """The raw value, or `NotTraceable` if it was read with a mask."""

    @abc.abstractmethod
    def __getitem__(self, index: Any) -> Any:
        """Part of the array."""

    @abc.abstractmethod
    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace part of the array."""

    @abc.abstractmethod
    def __copy__(self) -> Any:
        """An array of its own."""

    def __len__(self) -> int:
        """Number of points."""
        value = self._unmasked()
        if np.ndim(value) == 0:
            raise TypeError("len() of unsized object")
        return len(value)

    def __iter__(self) -> Iterator[Any]:
        """Rows, or numbers of a one-dimensional array."""
        return (self[i] for i in range(len(self)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, a plain tuple."""
        return self._unmasked().shape

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._unmasked().size

    def reshape(self, *shape: Any, **_: Any) -> Any:
        """The same elements in another shape."""
        return _numpy.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """Axes in another order."""
        return _numpy.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def fill(self, value: Any) -> None:
        """Set every element."""
        self[...] = value

    @property
    def T(self) -> Any:
        """Transpose."""
        return _numpy.transpose(self)

    @property
    def real(self) -> Any:
        """Real part."""
        return _numpy.real(self)

    @property
    def imag(self) -> Any:
        """Imaginary part."""
        return _numpy.imag(self)

    @property
    def flat(self) -> Any:
        """All elements in one row."""
        return _numpy.ravel(self)

    def flatten(self, order: str = "C") -> Any:
        """All elements in one row."""
        return _numpy.ravel(self, order=order)

    def copy(self, order: str = "C") -> Any:
        """An array of its own."""
        return self.__copy__()

    def __deepcopy__(self, memo: Any) -> Any:
        """An array of its own."""
        return self.__copy__()

    def item(self, *index: Any) -> Any:
        """The element itself, still traced."""
        return _numpy.ravel(self)[index[0]] if index else _numpy.reshape(self, ())

    def tolist(self) -> Any:
        """Nested lists of traced numbers."""
        return [part.tolist() for part in self] if _numpy.ndim(self) else self

    def view(self, *_: Any) -> Any:
        """The array itself."""
        return self

    def __bool__(self) -> bool:
        """Only of a constant."""
        return bool(self._number("branches (if, while, and, or) on the value of x or a parameter"))

    def __float__(self) -> float:
        """Only of a constant."""
        complaint = (
            "needs a plain number (float(), or a function that isn't NumPy's); "
            "NumPy functions give exact derivatives"
        )
        return float(self._number(complaint))

    def __complex__(self) -> complex:
        """Only of a constant."""
        return complex(self._number("needs a plain complex number"))

    def __int__(self) -> int:
        """Only of a constant."""
        return int(self._number("makes a plain int of x or a parameter"))

    def __index__(self) -> int:
        """Only of a constant."""
        return int(self._number("counts or indexes with x or a parameter"))

    def __round__(self, digits: int | None = None) -> Any:
        """As `np.round`."""
        return _numpy.round(self, digits or 0)

    def __floor__(self) -> Any:
        """As `np.floor`, for `math.floor`."""
        return _numpy.floor(self)

    def __ceil__(self) -> Any:
        """As `np.ceil`, for `math.ceil`."""
        return _numpy.ceil(self)

    def __trunc__(self) -> Any:
        """As `np.trunc`, for `math.trunc`."""
        return _numpy.trunc(self)


def _method(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def method(self: Any, *args: Any, **keywords: Any) -> Any:
        return function(self, *args, **keywords)

    method.__name__ = name
    method.__doc__ = f"As `np.{name}`."
    return method


# Methods whose arguments are those of the function after the array.
_NAMES = """
all any argmax argmin argsort clip conj conjugate cumprod cumsum diagonal dot max mean min nonzero
prod ravel repeat round searchsorted squeeze std sum swapaxes take trace var
"""
for _name in _NAMES.split():
    setattr(AbstractArrayMethods, _name, _method(_name))
