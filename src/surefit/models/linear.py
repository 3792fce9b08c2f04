"""Constants, straight lines and planes."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import ShapeMismatch
from surefit.models.base import AbstractLinearModel, Conversion
from surefit.models.centering import Centering, find_centering
from surefit.models.columns import for_each_output, shape_for, single_input
from surefit.models.parameters import Parameter, Parameters


@dataclasses.dataclass(frozen=True)
class Constant(AbstractLinearModel):
    """The same value everywhere; its fit is the weighted mean of y.

    Parameters of the fit: `value`, a scalar, or shape (M,) for M outputs. The inputs may have any
    number of columns and are not used.

    Attributes:
        n_outputs: M, filled in from the data.

    Example:
        >>> Constant().evaluate(np.array([2.0]), np.zeros(3)).tolist()
        [[2.0], [2.0], [2.0]]
    """

    n_outputs: int = dataclasses.field(default=1, kw_only=True)

    def resolve(self, data: Data) -> "Constant":
        return dataclasses.replace(self, n_outputs=data.n_outputs)

    def direct(self) -> "Constant":
        """The same model: it works with the parameter that it reports."""
        return self

    def parameters(self) -> Parameters:
        return Parameters((Parameter("value", shape_for(self.n_outputs), linear=True),))

    def columns(self, x):
        first = x.reshape(len(x), -1)[:, :1]
        return for_each_output(x.__array_namespace__().ones_like(first), self.n_outputs)

    def evaluate(self, values, x):
        return self.columns(x) @ values

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        return None

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "constant"

    def __str__(self) -> str:
        return "Constant()"


@dataclasses.dataclass(frozen=True)
class Line(AbstractLinearModel):
    """A straight line, intercept + slope · x, for one input.

    Parameters of the fit: `intercept` (y at x = 0) and `slope`, scalars, or shape (M,) for M
    outputs. The fit works with the value at the mean of x instead of the intercept, which keeps
    all digits whatever the offset of x, and converts at the end. For several inputs use `Plane`.

    Attributes:
        is_direct: Whether the fit works with intercept and slope themselves; see `direct`.
        n_outputs: M, filled in from the data.
        centering: Filled in from the data unless `is_direct`.

    Example:
        >>> Line().evaluate(np.array([3.0, 2.0]), np.array([0.0, 1.0])).tolist()
        [[3.0], [5.0]]
    """

    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    centering: Centering | None = dataclasses.field(default=None, kw_only=True)

    def resolve(self, data: Data) -> "Line":
        """Fill in the number of outputs and the center of x.

        Raises:
            ShapeMismatch: There are several inputs.
            TooFewPoints: There is only one point.
            ConstantInput: Every x is the same.
        """
        if data.n_inputs > 1:
            raise ShapeMismatch(
                f"Line() takes one input but x has {data.n_inputs} columns; use sf.Plane(), or "
                "pass one column."
            )
        centering = find_centering(data, "Line()")
        return dataclasses.replace(
            self, n_outputs=data.n_outputs, centering=None if self.is_direct else centering
        )

    def direct(self) -> "Line":
        """This line, working with intercept and slope themselves so that these can be set."""
        return dataclasses.replace(self, is_direct=True, centering=None)

    def parameters(self) -> Parameters:
        return self._named("intercept" if self.centering is None else "value_at_center")

    def columns(self, x):
        x = single_input(x, "Line()")
        shifted = x if self.centering is None else x - self.centering.center[0]
        xp = x.__array_namespace__()
        return for_each_output(xp.stack([xp.ones_like(x), shifted], axis=1), self.n_outputs)

    def evaluate(self, values, x):
        return self.columns(x) @ values

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        if self.centering is None:
            return None
        matrix = np.array([[1.0, -self.centering.center[0]], [0.0, 1.0]])
        return Conversion(
            self._named("intercept"),
            np.kron(matrix, np.eye(self.n_outputs)),
            self.centering.digits_lost,
        )

    def _named(self, first: str) -> Parameters:
        shape = shape_for(self.n_outputs)
        return Parameters(tuple(Parameter(path, shape, linear=True) for path in (first, "slope")))

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "line"

    def __str__(self) -> str:
        return "Line()"


@dataclasses.dataclass(frozen=True)
class Plane(AbstractLinearModel):
    """A (hyper)plane, weight · x + bias, for D inputs and M outputs.

    Parameters of the fit: `weight`, shape (M, D), and `bias`, shape (M,); for one output (D,) and
    a scalar. The bias is nothing but the weight of one more column of x that is all ones. As in
    `Line`, the fit works about the mean of x.

    Attributes:
        is_direct: Whether the fit works with the bias itself; see `direct`.
        n_inputs: D, filled in from the data.
        n_outputs: M, filled in from the data.
        centering: Filled in from the data unless `is_direct`.

    Example:
        >>> plane = Plane(n_inputs=2)
        >>> plane.parameters().names
        ('weight[0]', 'weight[1]', 'bias')
        >>> x, ones = np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 1))
        >>> bool(np.all(plane.columns(x)[:, 0] == np.hstack([x, ones])))
        True
    """

    is_direct: bool = dataclasses.field(default=False, kw_only=True)
    n_inputs: int = dataclasses.field(default=1, kw_only=True)
    n_outputs: int = dataclasses.field(default=1, kw_only=True)
    centering: Centering | None = dataclasses.field(default=None, kw_only=True)

    def resolve(self, data: Data) -> "Plane":
        """Fill in the numbers of inputs and outputs and the center of x.

        Raises:
            TooFewPoints: There is only one point.
            ConstantInput: A column of x is the same at every point.
        """
        centering = find_centering(data, "Plane()")
        return dataclasses.replace(
            self,
            n_inputs=data.n_inputs,
            n_outputs=data.n_outputs,
            centering=None if self.is_direct else centering,
        )

    def direct(self) -> "Plane":
        """This plane, working with weight and bias themselves so that these can be set."""
        return dataclasses.replace(self, is_direct=True, centering=None)

    def parameters(self) -> Parameters:
        return self._named("bias" if self.centering is None else "value_at_center")

    def columns(self, x):
        x = x.reshape(len(x), -1)
        if x.shape[1] != self.n_inputs:
            raise ShapeMismatch(
                f"Plane() was fitted with {self.n_inputs} inputs but x has {x.shape[1]}; pass "
                f"shape (n, {self.n_inputs})."
            )
        xp = x.__array_namespace__()
        shifted = x if self.centering is None else x - np.array(self.centering.center)
        identity = np.eye(self.n_outputs)
        weights = identity[None, :, :, None] * shifted[:, None, None, :]
        weights = weights.reshape(len(x), self.n_outputs, -1)
        biases = xp.ones_like(x[:, :1])[:, :, None] * identity
        return xp.concat([weights, biases], axis=2)

    def evaluate(self, values, x):
        x = x.reshape(len(x), -1)
        arrays = self.parameters().split(values)
        shifted = x if self.centering is None else x - np.array(self.centering.center)
        weight = arrays["weight"].reshape(self.n_outputs, self.n_inputs)
        bias = values[self.n_outputs * self.n_inputs :]
        return shifted @ weight.T + bias

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        if self.centering is None:
            return None
        size = self.n_outputs * (self.n_inputs + 1)
        matrix = np.eye(size)
        for output in range(self.n_outputs):
            weights = slice(output * self.n_inputs, (output + 1) * self.n_inputs)
            row = self.n_outputs * self.n_inputs + output
            matrix[row, weights] = -np.array(self.centering.center)
        return Conversion(self._named("bias"), matrix, self.centering.digits_lost)

    def _named(self, last: str) -> Parameters:
        shape = shape_for(self.n_outputs)
        return Parameters(
            (
                Parameter("weight", (*shape, self.n_inputs), linear=True),
                Parameter(last, shape, linear=True),
            )
        )

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "plane"

    def __str__(self) -> str:
        return "Plane()"
