"""Small symmetric matrices of many rows, swept: linear parameters at their best, without a pass.

Sweeping the moments [J r]ᵀ[J r] on the linear parameters (Goodnight 1979) leaves −2 ln L at their
best, and the projected gradient and curvature of the others (Golub and Pereyra 1973; Kaufman
1975). Rows are the last axis.
"""

import jax.numpy as jnp

from surefit.many.states import Roles
from surefit.problem.projected import NEGLIGIBLE

# Share of −2 ln L that solving linear parameters leaves, below which it may be rounding.
DROWNED = 1e-8


def sweep(matrix, pivot: int, least):
    """Sweep symmetric matrices on one pivot; left alone where that is negligible.

    Args:
        matrix: Shape (k, k, b).
        pivot: Which row and column.
        least: Smallest diagonal that counts, shape (b,) or a number.
    """
    diagonal = matrix[pivot, pivot]
    is_kept = diagonal > least
    inverse = jnp.where(is_kept, 1 / jnp.where(is_kept, diagonal, 1.0), 0.0)
    column, row = matrix[:, pivot], matrix[pivot] * inverse
    # Written in place: XLA would work out anything else again wherever it is used.
    rest = matrix - column[:, None] * row[None]
    rest = rest.at[pivot].set(row).at[:, pivot].set(-column * inverse)
    return rest.at[pivot, pivot].set(inverse)


def projected(matrix, roles: Roles, least: float = NEGLIGIBLE):
    """Sweep moments on the solved parameters, but for those that the others nearly make up.

    Args:
        matrix: Moments, shape (k, k, b).
        roles: What is solved.
        least: Share of a column, squared, that the others must leave of it.
    """
    before = matrix
    for pivot in roles.solved:
        matrix = sweep(matrix, pivot, least * before[pivot, pivot])
    return matrix


def projected_value(matrix, swept):
    """−2 ln L with solved parameters at their best; where they are, if that drowns in rounding.

    Args:
        matrix: Moments before the sweeps, shape (k, k, b).
        swept: And after them.
    """
    total, best = matrix[-1, -1], swept[-1, -1]
    return jnp.where(best >= DROWNED * total, best, total)
