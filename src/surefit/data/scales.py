"""Read off the data the sizes that a search without starting values needs."""

import dataclasses

import numpy as np

from surefit.data.checked import Data


@dataclasses.dataclass(frozen=True)
class Scales:
    """Sizes that the data suggest, for searches that need no starting values.

    Attributes:
        x_low: Smallest input, one number for each input.
        x_high: Largest input, likewise.
        x_spacing: Typical distance of neighboring distinct inputs, likewise.
        y_low: Smallest output.
        y_high: Largest output.
    """

    x_low: tuple[float, ...]
    x_high: tuple[float, ...]
    x_spacing: tuple[float, ...]
    y_low: float
    y_high: float


def scales_of(data: Data) -> Scales:
    """The range and typical spacing of each input, and the range of the outputs.

    Args:
        data: The checked data.

    Returns:
        The scales; the spacing is the median distance of neighboring distinct values, and the
        whole range for an input with fewer than two distinct values.
    """
    low, high, spacing = [], [], []
    for column in data.inputs.T:
        distinct = np.unique(column)
        low.append(float(distinct[0]))
        high.append(float(distinct[-1]))
        spacing.append(float(np.median(np.diff(distinct))) if len(distinct) > 1 else 0.0)
    return Scales(tuple(low), tuple(high), tuple(spacing), float(data.y.min()), float(data.y.max()))
