"""What a file keeps of a Python function: enough to read the result, nothing that can run."""

import dataclasses
import inspect

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import NotAvailable
from surefit.models.base import AbstractModel, Conversion
from surefit.models.formulas.formula import Formula
from surefit.models.formulas.stored import StoredFormula
from surefit.models.function import ResolvedFunction
from surefit.models.parameters import Parameter, Parameters


@dataclasses.dataclass(frozen=True)
class StoredFunction(AbstractModel):
    """What a file keeps of a Python function: its name and text, but nothing that can run.

    Attributes:
        name: The function's name.
        names: Flat names of its parameters.
        source: Its text, for information, or empty.
        description: What `str` of the model was.
    """

    name: str
    names: tuple[str, ...]
    source: str
    description: str

    def resolve(self, data: Data) -> "StoredFunction":
        raise NotAvailable(self._advice())

    def parameters(self) -> Parameters:
        return Parameters(tuple(Parameter(name) for name in self.names))

    def evaluate(self, values, x):
        raise NotAvailable(self._advice())

    def canonical(self, values: np.ndarray) -> np.ndarray:
        return values

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "StoredFunction":
        return self

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.description

    def _advice(self) -> str:
        return (
            f"The function {self.name} is not in the file, as files never carry code that runs; "
            "its values and errors are here. Fit again with the function to predict."
        )


def stored(model: ResolvedFunction) -> StoredFunction | StoredFormula:
    """What a file keeps of a function; a formula is kept whole, as it is never executed."""
    function = model.source.function
    if isinstance(function, Formula):
        return StoredFormula(function.text, function.inputs)
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        source = ""
    return StoredFunction(model.label, model.parameters().names, source, str(model))
