"""Where the rows of a batch are on their way downhill, as arrays that a compiled loop carries."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np

# First damping, relative to the curvature.
DAMPING = 1e-2

# Where a row is: not evaluated yet; its linear parameters not yet at their best; at an accepted
# trial, whose linear parameters were predicted; with linear parameters at their best.
NEW, REFRESH, PREDICTED, EXACT = range(4)


@dataclasses.dataclass(frozen=True)
class Roles:
    """Which parameters of a model are free, and which of these are solved; a compilation key.

    Attributes:
        free: Positions of the free parameters in the model's vector; p of them.
        solved: Positions among the free ones of those that are linear and have no limits.
        searched: Positions among the free ones of the others.
    """

    free: tuple[int, ...]
    solved: tuple[int, ...]
    searched: tuple[int, ...]


class RowStates(NamedTuple):
    """Where the rows of a batch are; b rows, p free parameters, q searched ones.

    Attributes:
        point: Shape (b, p).
        swept: Moments, swept on the solved parameters, shape (b, p + 1, p + 1).
        value: −2 ln L with the solved parameters at their best, shape (b,).
        damping: Shape (b,).
        growth: Factor on the damping after the next bad step, shape (b,).
        diagonal: Diagonal of JᵀJ at the point, shape (b, p).
        scale: Largest projected curvature so far (Moré 1978), shape (b, q).
        phase: One of `NEW`, `REFRESH`, `PREDICTED`, `EXACT`, shape (b,).
        promise: Decrease of −2 ln L that the next step promises, shape (b,).
        done: Whether the row has finished, shape (b,).
        steps: Evaluations so far, shape (b,).
    """

    point: Any
    swept: Any
    value: Any
    damping: Any
    growth: Any
    diagonal: Any
    scale: Any
    phase: Any
    promise: Any
    done: Any
    steps: Any


def new_states(points: np.ndarray, n_searched: int) -> RowStates:
    """Rows that have not been evaluated.

    Args:
        points: Starts, shape (b, p); the solved parameters need not be known.
        n_searched: How many parameters are searched, q.
    """
    b, p = points.shape
    return RowStates(
        point=np.array(points, dtype=np.float64),
        swept=np.zeros((b, p + 1, p + 1)),
        value=np.full(b, np.inf),
        damping=np.full(b, DAMPING),
        growth=np.full(b, 2.0),
        diagonal=np.zeros((b, p)),
        scale=np.zeros((b, n_searched)),
        phase=np.full(b, NEW, dtype=np.int32),
        promise=np.full(b, np.inf),
        done=np.zeros(b, dtype=bool),
        steps=np.zeros(b, dtype=np.int32),
    )


class Limits(NamedTuple):
    """What holds the parameters.

    Attributes:
        held: Full vector of the model that gives the fixed values, shape (full,).
        lower: Lower limits of the free parameters, shape (p,).
        upper: Upper limits of the free parameters, shape (p,).
    """

    held: Any
    lower: Any
    upper: Any


class Tolerance(NamedTuple):
    """The decrease of −2 ln L whose promise counts as convergence, for each of b rows.

    Attributes:
        relative: As a fraction of −2 ln L, shape (b,).
        floor: What is rounding whatever −2 ln L is, as with exact data, shape (b,).
    """

    relative: Any
    floor: Any
