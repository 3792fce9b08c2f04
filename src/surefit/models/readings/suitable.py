"""Whether a model can be read in the way that the data ask for."""

from surefit.data.checked import Data
from surefit.exceptions import InvalidModel
from surefit.models.base import AbstractModel, Sum
from surefit.models.function import ResolvedFunction


def check_reading(model: AbstractModel, data: Data) -> None:
    """Refuse a model that has no value, or no slope, where the data ask for one.

    Args:
        model: The resolved model.
        data: The checked data.

    Raises:
        InvalidModel: The model is not pointwise; or x has errors and it jumps, or cannot be
            traced.
    """
    if data.reading.is_plain:
        return
    asked = "xerr needs" if data.reading.is_error else "A bin's content needs"
    if not model.is_pointwise:
        raise InvalidModel(
            f"{asked} a model whose value at one x depends on that x alone; {model} depends on "
            "all of x together."
        )
    if not data.reading.is_error:
        return
    for function in _functions(model):
        if function.untraceable:
            raise InvalidModel(
                f"xerr needs the slope of {function} along x, but it cannot be differentiated. "
                f"{function.untraceable}"
            )
        if any(function.structure.jumping):
            raise InvalidModel(
                f"xerr needs the slope of {function} along x, but it jumps, so that a point with "
                "an error on x may lie on either side; write the jump as a smooth step."
            )


def _functions(model: AbstractModel) -> list[ResolvedFunction]:
    if isinstance(model, Sum):
        return [function for part in model.parts for function in _functions(part)]
    return [model] if isinstance(model, ResolvedFunction) else []
