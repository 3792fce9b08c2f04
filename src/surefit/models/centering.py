"""Where the inputs of a fit lie, and how far that is from zero."""

import dataclasses
import math

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import ConstantInput, TooFewPoints


@dataclasses.dataclass(frozen=True)
class Centering:
    """Where the inputs lie, so that a line can be solved about the middle of its data.

    At an offset of 1e6 and a spread of 1, a column of ones and a column of x agree in six digits;
    a column of ones and one of x − center in none.

    Attributes:
        center: Mean of each input, in its unit.
        digits_lost: log10 of how much larger the offset of an input is than its spread.
    """

    center: tuple[float, ...]
    digits_lost: float


def find_centering(data: Data, model: str) -> Centering:
    """Find mean and relative spread of the inputs, each of which must vary.

    Args:
        data: The data of the fit.
        model: The model's constructor, for messages.

    Returns:
        The centering.

    Raises:
        TooFewPoints: There is only one point.
        ConstantInput: A column of x is the same at every point.
    """
    x = data.inputs
    if data.n_points < 2:  # whether there are enough of them a penalty decides
        raise TooFewPoints(
            f"{model} with {data.n_inputs} input(s) needs at least {data.n_inputs + 1} points, "
            f"but there are {data.n_points}; add points, or fit sf.Constant()."
        )
    lower, upper = x.min(axis=0), x.max(axis=0)
    if (constant := np.flatnonzero(lower == upper)).size:
        column = "x" if data.n_inputs == 1 else f"column {constant[0]} of x (counted from 0)"
        advice = "fit sf.Constant()" if data.n_inputs == 1 else "leave that column out"
        raise ConstantInput(
            f"{column} is {lower[constant[0]]:g} at every point, which {model} cannot tell from "
            f"its constant term; vary it, or {advice}."
        )
    # Inputs are divided by their size first: sums of 1e308, squares of 1e-200 are not numbers.
    size = np.maximum(np.abs(lower), np.abs(upper))
    center = np.mean(x / size, axis=0)
    spread = np.std(x / size - center, axis=0)
    lost = math.log10(max(1.0, float(np.max(np.abs(center) / np.maximum(spread, 1e-300)))))
    return Centering(tuple((center * size).tolist()), lost)
