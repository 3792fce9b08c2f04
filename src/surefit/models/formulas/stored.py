"""A fitted formula in a file: its text can be read back and evaluated, as it is never executed."""

import dataclasses
import functools
from typing import Any

import numpy as np

from surefit.data.checked import Data
from surefit.models.base import AbstractModel, Conversion
from surefit.models.formulas.formula import formula_function
from surefit.models.function import Function
from surefit.models.parameters import Parameters
from surefit.models.tracing.trace import jax_function


@dataclasses.dataclass(frozen=True)
class StoredFormula(AbstractModel):
    """A formula as a file keeps it. Unlike other functions it predicts after it has been read.

    Attributes:
        text: The formula.
        inputs: Names of the columns of x.

    Raises:
        InvalidModel: The text, perhaps of a file that someone edited, is no formula.

    Example:
        >>> model = StoredFormula("a*x + b")
        >>> model.evaluate(np.array([2.0, 1.0]), np.array([0.0, 3.0])).tolist()
        [[1.0], [7.0]]
    """

    text: str
    inputs: tuple[str, ...] = ("x",)

    def __post_init__(self) -> None:
        formula_function(self.text, self.inputs)

    @functools.cached_property
    def function(self) -> Function:
        """The formula as an ordinary model."""
        return Function(formula_function(self.text, self.inputs))

    def resolve(self, data: Data) -> AbstractModel:
        return self.function.resolve(data)

    def parameters(self) -> Parameters:
        return self.function.parameters()

    def evaluate(self, values: Any, x: Any) -> Any:
        if isinstance(values, np.ndarray) and isinstance(x, np.ndarray):
            return self.function.call(values, x)
        return jax_function(self.function.function)(x, *tuple(values)).reshape(len(x), -1)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "StoredFormula":
        return self

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text
