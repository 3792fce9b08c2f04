"""Score candidates in all rows, with the solved parameters at their best.

Where the rows share x, the columns of a candidate are the same in all rows: they are
orthogonalized once, and one matrix product scores them in every row.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from surefit.many.batch import Batch
from surefit.many.candidates import Candidates
from surefit.many.descent import RowProblem, in_threads
from surefit.many.moments import completed
from surefit.many.states import Roles
from surefit.many.sweeps import projected, projected_value
from surefit.problem.compilation import compiled
from surefit.problem.derivatives import Block
from surefit.problem.kernels import KEPT

# Rows scored in one matrix product; rows and candidates scored in one call where x differs.
PRODUCT_ROWS = 1024
ROWS, CALL = 256, 32
# Columns shorter than this fraction of their length before projection are rounding.
NEGLIGIBLE = 1e-5
LARGEST = 1e100


def screened(
    problem: RowProblem, batch: Batch, which: np.ndarray, candidates: Candidates, n_groups: int
) -> np.ndarray:
    """The best candidate of each group in each row.

    Args:
        problem: What is fitted.
        batch: The data.
        which: Rows of the batch to score, shape (s,).
        candidates: m candidates for the searched parameters.
        n_groups: In how many groups of equal size candidates compete; m is a multiple.

    Returns:
        Indices of candidates, best first, shape (s, n_groups). A candidate that is not finite
        in a row is the worst there.
    """
    # A matrix product needs the same x and the same candidates in all rows.
    shared = None if candidates.is_scaled else _shared_score(problem, batch, candidates.points)
    score = shared or _own_score(problem, batch, candidates)
    n_rows = PRODUCT_ROWS if shared else ROWS
    m = len(candidates)

    def best(part: np.ndarray) -> np.ndarray:
        scores = score(part).reshape(len(part), n_groups, m // n_groups)
        winners = np.argmax(scores, axis=2)
        heights = np.take_along_axis(scores, winners[:, :, None], axis=2)[:, :, 0]
        winners = winners + np.arange(n_groups) * (m // n_groups)
        return np.take_along_axis(winners, np.argsort(-heights, axis=1, kind="stable"), axis=1)

    parts = [which[i : i + n_rows] for i in range(0, len(which), n_rows)]
    return np.concatenate(in_threads(best, parts)) if parts else np.zeros((0, n_groups), int)


def full_points(problem: RowProblem, searched: np.ndarray) -> np.ndarray:
    """Points of all free parameters, with solved ones at zero, shape (s, p)."""
    points = np.zeros((len(searched), problem.n_free))
    points[:, list(problem.roles.searched)] = searched
    return points


def _shared_score(problem: RowProblem, batch: Batch, points: np.ndarray):
    """The function rows → scores (rows, m) by matrix products, or None where it does not apply.

    A score is the decrease of −2 ln L, relative to that of no model at all.
    """
    if not batch.is_shared or not batch.has_profile or not len(problem.roles.solved):
        return None
    profile = batch.weight[0]
    kernel = column_kernel(problem.model, problem.roles)
    found = kernel(problem.limits.held, full_points(problem, points), batch.x)
    offset, columns = (np.asarray(array) * profile[:, None] for array in found)
    # A column is a direction: larger ones than these would overflow when they are squared.
    with np.errstate(invalid="ignore"):
        is_finite = np.all(np.abs(columns) < LARGEST, axis=(1, 2))
        is_finite &= np.all(np.abs(offset) < LARGEST, axis=(1, 2))
    if not is_finite.any():
        return None
    columns[~is_finite], offset[~is_finite] = 0.0, 0.0
    fixed, basis, shift = _orthogonal(columns, offset[:, :, 0])
    matrix = basis.reshape(-1, basis.shape[-1]).astype(np.float32)
    bad = np.where(is_finite, 0.0, -np.inf).astype(np.float32)
    length = np.sum(shift**2, axis=1)

    def score(rows: np.ndarray) -> np.ndarray:
        y = batch.y[rows] * profile
        y = y - (y @ fixed) @ fixed.T
        size = np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-300)
        products = (y / size).astype(np.float32) @ matrix.T
        np.square(products, out=products)
        total = products.reshape(len(rows), len(points), -1)
        total = total[:, :, 0] if total.shape[2] == 1 else total.sum(axis=2)
        if length.any():
            total = total + (2 * (y @ shift.T) - length) / size**2
        return total if is_finite.all() else total + bad

    return score


def _orthogonal(
    columns: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orthonormal columns of each candidate, those common to all apart.

    Args:
        columns: Shape (m, n, l).
        offset: What is added to the columns, shape (m, n).

    Returns:
        Common columns (n, a), the other columns of each candidate (m, l − a, n), and what is left
        of the offset, (m, n); all orthogonal to each other.
    """
    is_common = np.all(columns == columns[:1], axis=(0, 1))
    fixed, _ = np.linalg.qr(columns[0][:, is_common])
    rest = columns[:, :, ~is_common].transpose(0, 2, 1).copy()
    basis = []
    before = np.linalg.norm(rest, axis=2)
    for _ in range(2):  # twice is enough (Kahan and Parlett)
        rest -= (rest @ fixed) @ fixed.T
    for j in range(rest.shape[1]):
        column = rest[:, j]
        for _ in range(2):
            for other in basis:
                column = column - np.sum(column * other, axis=1, keepdims=True) * other
        size = np.linalg.norm(column, axis=1)
        kept = size > NEGLIGIBLE * before[:, j]
        column = np.where(kept[:, None], column / np.where(kept, size, 1.0)[:, None], 0.0)
        basis.append(column)
    shift = offset - (offset @ fixed) @ fixed.T
    for other in basis:
        shift = shift - np.sum(shift * other, axis=1, keepdims=True) * other
    if not basis:
        return fixed, np.zeros((len(columns), 1, columns.shape[1])), shift
    return fixed, np.stack(basis, axis=1), shift


@functools.lru_cache(maxsize=KEPT)
def column_kernel(model, roles: Roles):
    """Compiled: (held, points (m, p), x) → offset (m, n, 1) and solved columns (m, n, l)."""

    def columns(held, point, x):
        def predict(solved):
            full = point.at[np.array(roles.solved)].set(solved)
            return model.evaluate(completed(roles, held, full), x)[:, 0]

        zero = jnp.zeros(len(roles.solved))
        return predict(zero)[:, None], jax.jacfwd(predict)(zero)

    return compiled(jax.vmap(columns, (None, 0, None)))


def _own_score(problem: RowProblem, batch: Batch, candidates: Candidates):
    """The function rows → scores (rows, m), candidate by candidate in each row."""
    kernel = score_kernel(problem.model, problem.roles, batch.is_shared)
    m = len(candidates)
    order = np.arange(-(-m // CALL) * CALL) % m

    def score(rows: np.ndarray) -> np.ndarray:
        whole = np.concatenate([rows, np.repeat(rows[:1], ROWS - len(rows))])
        block, points = batch.block(whole), candidates.of(batch, whole)
        points = np.broadcast_to(points, (ROWS, *points.shape[1:]))
        pieces = []
        for begin in range(0, len(order), CALL):
            some = points[:, order[begin : begin + CALL]]
            full = full_points(problem, some.reshape(ROWS * CALL, -1)).reshape(ROWS, CALL, -1)
            pieces.append(np.asarray(kernel(problem.limits.held, full, block))[: len(rows)])
        values = np.concatenate(pieces, axis=1)[:, :m]
        return np.where(np.isfinite(values), -values, -np.inf)

    return score


@functools.lru_cache(maxsize=KEPT)
def score_kernel(model, roles: Roles, is_shared: bool):
    """Compiled: (held, points (b, m, p), block of b rows) → −2 ln L, shape (b, m)."""
    solved = np.array(roles.solved, dtype=int)
    inner = Roles(roles.free, tuple(range(len(solved))), ())

    def value(held, point, block: Block):
        def predict(part):
            full = point.at[solved].set(part)
            return model.evaluate(completed(roles, held, full), block.x)

        zero = jnp.zeros(len(solved))
        columns = jax.jacfwd(predict)(zero)[:, 0, :] * block.weight
        both = jnp.concatenate([columns, (predict(zero) - block.y) * block.weight], axis=1)
        return both.T @ both

    def values(held, points, block: Block):
        axes = Block(None if is_shared else 0, 0, 0)
        over_points = jax.vmap(value, (None, 0, None))
        matrices = jax.vmap(over_points, (None, 0, axes))(held, points, block)
        flat = jnp.moveaxis(matrices.reshape(-1, *matrices.shape[2:]), 0, -1)
        found = projected_value(flat, projected(flat, inner, NEGLIGIBLE**2))
        return found.reshape(matrices.shape[:2])

    return compiled(values)
