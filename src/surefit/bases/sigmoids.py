"""A sum of sigmoids whose positions, widths and heights are all fitted: an adaptive basis."""

import dataclasses

import numpy as np

from surefit.bases.activations import Logistic, activation_text, as_activation
from surefit.bases.arguments import check_count
from surefit.bases.symmetry import canonical_order, normal_units
from surefit.data.checked import Data
from surefit.exceptions import ConstantInput, InvalidModel
from surefit.models.base import Conversion
from surefit.models.parameters import Parameter, Parameters
from surefit.models.units import AbstractAdaptiveModel, AbstractShape, Symmetry, Units, UnitValues


@dataclasses.dataclass(frozen=True, init=False)
class Sigmoids(AbstractAdaptiveModel):
    """Σ_j coefficient_j · s((x − center_j) / width_j), without a constant.

    With the default shape, s(z) = 1 / (1 + exp(z)): a unit *falls* from its coefficient to 0
    around its center if its width is positive, and rises if it is negative. Other shapes (tanh,
    relu, gaussian, …) are as named, in (x − center) / width. A width of 0 is the limit of small
    positive widths, a step.

    In more than one dimension a unit is s(weight_j·x + bias_j) with the shape as named (the
    logistic one *rises* along its weight), like a unit of a hidden layer. For M outputs, the
    coefficient has shape (n, M).

    Units are reported sorted: by center in one dimension, else by weight. The sign of a width is
    positive where it is free (tanh, sine, gaussian), and its size is 1 where only the ratio of
    coefficient and size matters (relu, leaky_relu): the coefficient is then a change of slope.

    Attributes:
        n: Number of units.
        shape: Their shape: a name in `surefit.bases.activations.ACTIVATIONS`, or a shape.
        n_inputs: D, filled in by `resolve`.
        n_outputs: M, filled in by `resolve`.

    Raises:
        InvalidOption: n is not at least 1, or no shape has this name.
        InvalidType: n is not an integer.

    Example:
        >>> model = Sigmoids(2, n_inputs=1, n_outputs=1)
        >>> model.parameters().names
        ('coefficient[0]', 'coefficient[1]', 'center[0]', 'center[1]', 'width[0]', 'width[1]')
        >>> values = np.array([3.0, 1.0, 0.0, 5.0, 0.1, -0.1])
        >>> model.evaluate(values, np.array([-9.0, 0.0, 9.0])).ravel().tolist()
        [3.0, 1.5, 1.0]
    """

    n: int
    shape: AbstractShape
    n_inputs: int | None
    n_outputs: int | None

    def __init__(
        self,
        n: int,
        shape: AbstractShape | str = "logistic",
        *,
        n_inputs: int | None = None,
        n_outputs: int | None = None,
    ):
        object.__setattr__(self, "n", check_count(n, "n", "Sigmoids", minimum=1))
        object.__setattr__(self, "shape", as_activation(shape, "shape"))
        object.__setattr__(self, "n_inputs", n_inputs)
        object.__setattr__(self, "n_outputs", n_outputs)

    def resolve(self, data: Data) -> "Sigmoids":
        check_varies(data, str(self))
        return dataclasses.replace(self, n_inputs=data.n_inputs, n_outputs=data.n_outputs)

    def parameters(self) -> Parameters:
        n_inputs, n_outputs = self._sizes()
        outputs = (self.n,) if n_outputs == 1 else (self.n, n_outputs)
        coefficient = Parameter("coefficient", outputs, linear=True)
        if n_inputs == 1:
            return Parameters(
                (coefficient, Parameter("center", (self.n,)), Parameter("width", (self.n,)))
            )
        return Parameters(
            (coefficient, Parameter("weight", (self.n, n_inputs)), Parameter("bias", (self.n,)))
        )

    # Huge parameters may overflow to infinite arguments, which every shape can take.
    @np.errstate(all="ignore")
    def evaluate(self, values, x):
        arrays = self.parameters().split(values)
        xp = values.__array_namespace__()
        inputs = x.reshape(x.shape[0], -1)
        if self.n_inputs == 1:
            argument = (inputs - arrays["center"]) / _nonzero(arrays["width"], xp)
            argument = self._direction * argument
        else:
            argument = inputs @ arrays["weight"].T + arrays["bias"]
        return self.shape(argument) @ arrays["coefficient"].reshape(self.n, -1)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return self._canonical(values, has_constant=False)[0]

    def canonical_with_constant(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._canonical(values, has_constant=True)

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "Sigmoids":
        return self

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "sigmoids"

    def __str__(self) -> str:
        shape = "" if self.shape == Logistic() else f", shape={activation_text(self.shape)}"
        return f"Sigmoids({self.n}{shape})"

    def units(self) -> Units:
        n_inputs, n_outputs = self._sizes()
        return Units(self.n, self.shape, None, n_inputs, n_outputs)

    def from_units(self, values: UnitValues) -> np.ndarray:
        weight, bias = values.weight, values.bias
        arrays = {"coefficient": values.coefficient, "weight": weight, "bias": bias}
        if self.n_inputs == 1:
            # A unit without a slope becomes one so wide that its slope is below any rounding.
            slope = _nonzero(weight[:, 0], np)
            arrays |= {"width": self._direction / slope, "center": -bias / slope}
        return self.parameters().join(arrays)

    def to_units(self, values: np.ndarray) -> UnitValues:
        arrays = self.parameters().split(values)
        if self.n_inputs == 1:
            weight = self._direction / _nonzero(arrays["width"], np)
            arrays |= {"weight": weight[:, None], "bias": -arrays["center"] * weight}
        coefficient = arrays["coefficient"].reshape(self.n, -1)
        return UnitValues(arrays["weight"], arrays["bias"], coefficient, np.zeros(0))

    @property
    def _direction(self) -> float:
        """Sign of the shape's argument per (x − center) / width: the lesson's sigmoid falls."""
        return -1.0 if self.shape == Logistic() else 1.0

    def _sizes(self) -> tuple[int, int]:
        if self.n_inputs is None or self.n_outputs is None:
            raise InvalidModel(
                f"{self} has not met data yet, so it does not know how many inputs and outputs it "
                "has; call resolve(data), or give n_inputs and n_outputs."
            )
        return self.n_inputs, self.n_outputs

    def _canonical(self, values, *, has_constant: bool) -> tuple[np.ndarray, np.ndarray]:
        arrays = self.parameters().split(values)
        if not np.isfinite(values).all():
            return values.copy(), np.zeros(self._sizes()[1])
        coefficient = arrays["coefficient"].reshape(self.n, -1)
        if self.n_inputs == 1:
            center, width, coefficient, constant = _normal_positions(
                arrays["center"], arrays["width"], coefficient, self.shape.symmetry, has_constant
            )
            order = canonical_order(np.column_stack([center, width, coefficient]))
            arrays = {"center": center[order], "width": width[order]}
        else:
            weight, bias, coefficient, constant = normal_units(
                arrays["weight"],
                arrays["bias"],
                coefficient,
                self.shape.symmetry,
                has_constant=has_constant,
            )
            order = canonical_order(np.column_stack([weight, bias, coefficient]))
            arrays = {"weight": weight[order], "bias": bias[order]}
        return self.parameters().join(arrays | {"coefficient": coefficient[order]}), constant


def _normal_positions(center, width, coefficient, symmetry: Symmetry, has_constant: bool):
    """`normal_units` in terms of center and width, so that what need not change keeps every bit.

    Returns:
        Center, width and coefficient of the units, and the constant to add, shape (m,).
    """
    coefficient, constant = coefficient.copy(), np.zeros(coefficient.shape[1])
    if symmetry.degree is not None:
        coefficient /= np.abs(_nonzero(width, np))[:, None] ** symmetry.degree
        width = np.where(width < 0, -1.0, 1.0)
    if symmetry.sign != 0 and (has_constant or symmetry.constant == 0):
        flipped = width < 0
        width = np.abs(width)
        coefficient[flipped] *= symmetry.sign
        constant -= symmetry.constant * coefficient[flipped].sum(axis=0)
    if symmetry.half_period is not None:
        period = symmetry.half_period * width
        shift = np.round(center / _nonzero(period, np))
        center = center - shift * period
        coefficient[shift % 2 == 1] *= -1
    return center, width, coefficient, constant


def check_varies(data: Data, model: str) -> None:
    """Raise `ConstantInput` if every point has the same x, so that no unit can be placed."""
    if np.all(data.x == data.x[:1]):
        raise ConstantInput(
            f"Every x is {data.x[0]}, so {model} has nothing to bend; pass points at different x, "
            "or fit a Constant()."
        )


def _nonzero(widths, xp):
    """Replace widths too close to zero to divide by: 1 / width² must not overflow in a gradient."""
    smallest = float(np.finfo(widths.dtype).tiny) ** (1 / 3)
    limit = xp.where(widths < 0, -smallest, smallest)
    return xp.where(xp.abs(widths) < smallest, limit, widths)
