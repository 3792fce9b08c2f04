"""The names, shapes and roles of a model's parameters, and how they lie in one flat vector."""

import dataclasses
import itertools
import math

import numpy as np

from surefit.annotations import Float


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One named array of parameters of a model.

    Attributes:
        path: Its name, with dots for parts of parts: `"hidden.weight"`.
        shape: Its shape; `()` for a scalar.
        linear: Whether the model is linear in it. All parameters marked linear in one model are
            *jointly* linear: with the others held, the prediction is affine in all of them.
        step: Whether the model depends on it only through jumps, as points change side.
    """

    path: str
    shape: tuple[int, ...] = ()
    linear: bool = False
    step: bool = False

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """One name per number: `a`, or `weight[0,3]`."""
        if not self.shape:
            return (self.path,)
        indices = itertools.product(*(range(length) for length in self.shape))
        return tuple(f"{self.path}[{','.join(map(str, index))}]" for index in indices)


@dataclasses.dataclass(frozen=True)
class Parameters:
    """All parameters of a model in order; together they are one flat vector of `size` numbers.

    Attributes:
        items: The parameters in the order in which they lie in the vector, each in C order.

    Example:
        >>> p = Parameters((Parameter("center", (2,)), Parameter("height", (), linear=True)))
        >>> p.names
        ('center[0]', 'center[1]', 'height')
        >>> p.split(np.array([1.0, 2.0, 3.0]))["center"].tolist()
        [1.0, 2.0]
    """

    items: tuple[Parameter, ...]

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return sum(item.size for item in self.items)

    @property
    def names(self) -> tuple[str, ...]:
        """One name per entry of the flat vector."""
        return tuple(name for item in self.items for name in item.names)

    @property
    def linear(self) -> np.ndarray:
        """Mask over the flat vector: true where the model is (jointly) linear."""
        return np.repeat(
            np.array([item.linear for item in self.items], dtype=bool),
            np.array([item.size for item in self.items], dtype=int),
        )

    @property
    def step(self) -> np.ndarray:
        """Mask over the flat vector: true where the prediction changes by jumps only."""
        return np.repeat(
            np.array([item.step for item in self.items], dtype=bool),
            np.array([item.size for item in self.items], dtype=int),
        )

    def split(self, values):
        """Cut a flat vector (NumPy or JAX, last axis) into arrays by path.

        Args:
            values: Array whose last axis has length `size`.

        Returns:
            A dict from path to an array of shape `values.shape[:-1] + parameter.shape`.
        """
        arrays, start = {}, 0
        for item in self.items:
            piece = values[..., start : start + item.size]
            arrays[item.path] = piece.reshape(values.shape[:-1] + item.shape)
            start += item.size
        return arrays

    def join(self, arrays: dict[str, np.ndarray]) -> Float[np.ndarray, " p"]:
        """Put arrays by path back into one flat vector; the inverse of `split`."""
        pieces = [
            np.asarray(arrays[item.path], dtype=float).reshape(item.size) for item in self.items
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0)

    def prefixed(self, name: str) -> "Parameters":
        """The same parameters as part `name` of a larger model."""
        return Parameters(
            tuple(dataclasses.replace(item, path=f"{name}.{item.path}") for item in self.items)
        )
