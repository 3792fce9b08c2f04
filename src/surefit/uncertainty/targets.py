"""What profiles are made of: the reported parameters as functions of the free coordinates."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from surefit.models.base import AbstractModel
from surefit.problem.coordinates import Coordinates


@dataclasses.dataclass(frozen=True, eq=False)
class Targets:
    """Functions of the coordinates that are to be held at given levels.

    Attributes:
        coordinates: From coordinates to all parameters.
        base: Coordinates of which some are held, shape (q,).
        free: Indices of those that are not held.
        matrix: From all parameters to the targets, shape (t, p).
        offset: The targets where all parameters are 0, shape (t,).
    """

    coordinates: Coordinates
    base: np.ndarray
    free: np.ndarray
    matrix: np.ndarray
    offset: np.ndarray

    def complete(self, points: np.ndarray) -> np.ndarray:
        """All coordinates, shape (s, q), from the free ones."""
        full = np.repeat(self.base[None], len(points), axis=0)
        full[:, self.free] = points
        return full

    def values(self, points: np.ndarray, which: np.ndarray) -> np.ndarray:
        """The chosen targets of each row, shape (s, k).

        Args:
            points: Free coordinates, one row each.
            which: Indices of targets, shape (s, k).
        """
        full = self.coordinates.expand(self.complete(points))
        return np.einsum("skp,sp->sk", self.matrix[which], full) + self.offset[which]

    def slopes(self, points: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Their derivatives by the free coordinates, shape (s, k, f)."""
        slopes = self.coordinates.jacobian(self.complete(points))
        return self.matrix[which] @ slopes[:, :, self.free]


def targets_of(
    model: AbstractModel,
    coordinates: Coordinates,
    base: np.ndarray,
    free: np.ndarray,
    names: Sequence[str],
) -> Targets:
    """The reported parameters of these names as targets.

    Args:
        model: The resolved model.
        coordinates: The coordinates of the fit.
        base: Coordinates at the minimum, shape (q,).
        free: Indices of those that may move.
        names: Names of reported parameters.
    """
    conversion, p = model.conversion(), len(coordinates.all_names)
    if conversion is None:
        index = [coordinates.all_names.index(name) for name in names]
        return Targets(coordinates, base, free, np.eye(p)[index], np.zeros(len(index)))
    reported = conversion.parameters.names
    index = [reported.index(name) for name in names]
    offset = np.broadcast_to(conversion.offset, len(reported))
    return Targets(coordinates, base, free, conversion.matrix[index], offset[index])
