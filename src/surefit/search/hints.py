"""What a search may know of a model beyond the problem, read off the model and the constraints."""

import numpy as np

from surefit.bases.piecewise import Piecewise
from surefit.data.checked import Data
from surefit.data.scales import scales_of
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel, Sum
from surefit.models.function import ResolvedFunction
from surefit.models.structures.record import Role
from surefit.networks.dense import Dense
from surefit.networks.grafting import regrafted
from surefit.networks.initialization import regressed_values
from surefit.problem.constraints import Constraints
from surefit.search.cells import Edges
from surefit.search.choice import Hints
from surefit.search.edges import Crossings, crossings_along, knows_edges
from surefit.search.regrafting import Vary
from surefit.search.roles import recognized_roles
from surefit.search.scans import reach
from surefit.search.segmentation import Segmentation
from surefit.search.starts import AbstractStarts, ModelStarts, PlausibleStarts

# Weight from which a role counts as known; a rate may be one or a frequency.
SURE = 0.4


def hints(resolved: AbstractModel, data: Data, constraints: Constraints) -> Hints:
    """What a search may know of the model beyond the problem.

    Args:
        resolved: The resolved model.
        data: The checked data.
        constraints: What the user knows.
    """
    # Units are grown on the points themselves.
    is_free = data.reading.is_plain and not constraints.is_any
    is_linear = data.reading.is_linear and bool(resolved.parameters().linear.all())
    known = _known(resolved, constraints)
    return Hints(
        starts=_starts(resolved, data, constraints),
        known=known,
        n_given=len(known),
        steps=step_coordinates(resolved, constraints),
        jumping=jumping_coordinates(resolved, constraints),
        has_kinks=has_kinks(resolved),
        edges=known_edges(resolved, data, constraints) if data.reading.is_plain else None,
        adaptive=adaptive_form(resolved) if is_free else None,
        data=data,
        vary=_vary(resolved, data, constraints),
        exact=_exact(resolved, data, constraints) if data.reading.is_plain else None,
        is_convex=constraints.coordinates.is_affine and is_linear,
    )


def _exact(model: AbstractModel, data: Data, constraints: Constraints) -> Segmentation | None:
    """A search that compares all there is, for the models that have one."""
    if not isinstance(model, Piecewise) or constraints.is_any:
        return None
    return None if data.noise.covariance is not None else Segmentation(model, data)


def step_coordinates(model: AbstractModel, constraints: Constraints) -> np.ndarray:
    """Mask of the coordinates that only move step parameters, shape (q,)."""
    return _coordinates_of(_step_parameters(model), constraints)


def jumping_coordinates(model: AbstractModel, constraints: Constraints) -> np.ndarray:
    """Mask of the coordinates that only move parameters of jumps, shape (q,)."""
    return _coordinates_of(_jumping_parameters(model), constraints)


def moving_coordinates(model: AbstractModel, constraints: Constraints) -> np.ndarray:
    """Mask of the coordinates that move a jump, but not only jumps, shape (q,)."""
    jumping, coordinates = _jumping_parameters(model), constraints.coordinates
    if coordinates.is_selection or not jumping.any():
        moving = jumping[coordinates.free]
    else:
        inside = np.clip(1.0, *coordinates.bounds)
        moving = (coordinates.jacobian(inside[None])[0][jumping] != 0).any(axis=0)
    return moving & ~step_coordinates(model, constraints)


def has_kinks(model: AbstractModel) -> bool:
    """Whether a function bends, or jumps, where its parameters say."""
    if isinstance(model, Sum):
        return any(has_kinks(part) for part in model.parts)
    bending = (Role.kink, Role.broken)
    return isinstance(model, ResolvedFunction) and any(model.structure.mask(*bending))


def _coordinates_of(steps: np.ndarray, constraints: Constraints) -> np.ndarray:
    """Mask of the coordinates that only move some parameters, shape (q,)."""
    coordinates = constraints.coordinates
    if coordinates.is_selection or not steps.any():
        return steps[coordinates.free]
    inside = np.clip(1.0, *coordinates.bounds)
    moves = coordinates.jacobian(inside[None])[0] != 0
    return moves[steps].any(axis=0) & ~moves[~steps].any(axis=0)


def _step_parameters(model: AbstractModel) -> np.ndarray:
    """Mask of the step parameters, shape (p,)."""
    if isinstance(model, Sum):
        return np.concatenate([_step_parameters(part) for part in model.parts])
    if isinstance(model, ResolvedFunction):
        return np.array(model.structure.step, dtype=bool)
    return model.parameters().step


def _jumping_parameters(model: AbstractModel) -> np.ndarray:
    """Mask of the parameters that move jumps, shape (p,)."""
    if isinstance(model, Sum):
        return np.concatenate([_jumping_parameters(part) for part in model.parts])
    if isinstance(model, ResolvedFunction):
        return np.array(model.structure.jumping, dtype=bool)
    return _step_parameters(model)


def known_edges(model: AbstractModel, data: Data, constraints: Constraints) -> Edges | None:
    """Where points change side along a line of the free coordinates, if that is known."""
    coordinates, scales = constraints.coordinates, scales_of(data)
    if not knows_edges(model) or not coordinates.is_affine:
        return None

    def edges(point: np.ndarray, direction: np.ndarray) -> Crossings:
        full = coordinates.expand(np.stack([point, point + direction]))
        return crossings_along(model, full[0], data.x, full[1] - full[0], 2 * reach(scales))

    return edges


def _starts(model: AbstractModel, data: Data, constraints: Constraints) -> AbstractStarts:
    """Networks propose their own starts; all else is drawn from what the data suggest."""
    coordinates = constraints.coordinates
    if isinstance(model, ResolvedFunction) and model.is_pointwise and data.n_outputs == 1:
        if not coordinates.is_selection:
            return PlausibleStarts()
        roles = recognized_roles(model, data)
        is_known = (roles.max(axis=1) > SURE) | np.array(model.structure.linear, dtype=bool)
        free = coordinates.free
        return PlausibleStarts(roles[free], is_all_known=bool(is_known[free].all()))
    if not isinstance(model, Dense):
        return PlausibleStarts()
    of = coordinates.of
    return ModelStarts(lambda n, rng: of(regressed_values(model, data, n, rng)))


def _vary(model: AbstractModel, data: Data, constraints: Constraints) -> Vary | None:
    """How to replace units of a network that is no sum of units; other models have none."""
    if not isinstance(model, Dense) or not model.hidden or model.units() is not None:
        return None
    coordinates = constraints.coordinates

    def vary(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        full = coordinates.expand(points)
        return coordinates.of(regrafted(model, data, full, n, rng))

    return vary


def _known(model: AbstractModel, constraints: Constraints) -> np.ndarray:
    """The user's start, or the defaults of a function, completed with ones; shape (k, q)."""
    names = model.parameters().names
    start = constraints.start
    if isinstance(model, ResolvedFunction):
        defaults = np.array([model.source.defaults.get(name, np.nan) for name in names])
        start = np.where(np.isnan(start), defaults, start)
    coordinates = constraints.coordinates
    if np.isnan(start[coordinates.free]).all():
        return np.zeros((0, int(coordinates.free.sum())))
    inside = np.clip(1.0, constraints.lower, constraints.upper)
    return coordinates.of(np.where(np.isnan(start), inside, start)[None])
