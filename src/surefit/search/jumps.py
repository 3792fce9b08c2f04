"""What is known of the jumps of a model whose parameters also move the curve between them."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.constraints import Constraints
from surefit.search.cells import Edges
from surefit.search.hints import known_edges, moving_coordinates

# How far inside its cell a point at a wall is put, as a part of the cell's width; and relative to
# its coordinate, that rounding cannot put it outside.
INSET, ROUNDING = 1e-9, 16 * np.finfo(float).eps


@dataclasses.dataclass(frozen=True, eq=False)
class Jumps:
    """Coordinates that move both a jump and the curve, and where the jumps are.

    Attributes:
        moving: Their mask, shape (q,).
        edges: Where points change side along a line.
        is_scaled: Whether the size of errors is estimated from the residuals.
    """

    moving: np.ndarray
    edges: Edges
    is_scaled: bool

    def walls(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The last values on each side before a point of the data changes side.

        Args:
            point: Shape (q,).

        Returns:
            Lower and upper walls of each moving coordinate, the others held; infinite where there
            is none, and for all other coordinates. Shape (q,) each.
        """
        lower, upper = np.full((2, len(point)), [[-np.inf], [np.inf]])
        for i in np.flatnonzero(self.moving):
            found = self.edges(point, np.eye(len(point))[i]).edges
            slack = ROUNDING * abs(point[i])
            below, above = found[found < -slack], found[found > slack]
            below, above = below.max(initial=-np.inf), above.min(initial=np.inf)
            width = above - below
            inset = slack + (INSET * width if np.isfinite(width) else 0.0)
            lower[i] = min(point[i] + below + inset, point[i])
            upper[i] = max(point[i] + above - inset, point[i])
        return lower, upper

    def beside(self, point: np.ndarray, i: int) -> np.ndarray:
        """Points just below and just above, if a point of the data is on the edge; (k, q)."""
        found = self.edges(point, np.eye(len(point))[i]).edges
        slack = ROUNDING * abs(point[i])
        if not np.any(np.abs(found) <= slack):
            return np.zeros((0, len(point)))
        width = np.abs(found[np.abs(found) > slack]).min(initial=np.inf)
        move = 4 * slack + (2 * INSET * width if np.isfinite(width) else 0.0)
        return point + move * np.outer([-1.0, 1.0], np.eye(len(point))[i])


def jumps_of(
    model: AbstractModel, data: Data, loss: AbstractLoss, constraints: Constraints
) -> Jumps | None:
    """What is known of the jumps, or None if there are none or their places are not known.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        constraints: What the user knows of the parameters.
    """
    moving = moving_coordinates(model, constraints)
    edges = known_edges(model, data, constraints) if moving.any() else None
    if edges is None or not data.reading.is_plain:
        return None
    return Jumps(moving, edges, loss.is_least_squares and not data.noise.is_given)
