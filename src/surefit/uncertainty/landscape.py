"""What lies around the minimum of a fit: the problem put together again from what the fit holds."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.build import build_problem
from surefit.problem.constraints import Constraints
from surefit.problem.held import Held
from surefit.search.hints import step_coordinates
from surefit.uncertainty.rises import Landscape
from surefit.uncertainty.targets import targets_of


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """What of a fit its profiles are made from.

    Attributes:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        constraints: What the user said.
        working: All parameters at the minimum, shape (p,).
        deviance: −2 ln L there.
        unit: The rise that is one standard deviation.
        confined: Coordinates that move a jump and, within their cell, the curve.
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    constraints: Constraints
    working: np.ndarray
    deviance: float
    unit: float
    confined: tuple[str, ...] = ()

    @property
    def steps(self) -> np.ndarray:
        """Mask of the step coordinates, those included that also move the curve, shape (q,)."""
        also = [name in self.confined for name in self.constraints.coordinates.names]
        return step_coordinates(self.model, self.constraints) | np.array(also, dtype=bool)

    def landscape(self, names: Sequence[str]) -> Landscape:
        """The surroundings of the minimum, with these reported parameters as targets.

        Step parameters are held: their cell is part of the minimum.
        """
        problem = build_problem(self.model, self.data, self.loss, self.constraints)
        coordinates = self.constraints.coordinates
        point = coordinates.of(self.working[None])[0]
        free = np.flatnonzero(~self.steps)
        if len(free) < len(point):
            problem = Held(problem, free, point)
        targets = targets_of(self.model, coordinates, point, free, names)
        value = min(self.deviance, float(problem.value(point[free][None])[0]))
        return Landscape(problem, targets, point[free], value, self.unit)
