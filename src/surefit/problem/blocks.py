"""Cut data into blocks of a few fixed sizes, so that few shapes are ever compiled."""

import jax.numpy as jnp
import numpy as np

from surefit.data.checked import Data
from surefit.models.base import AbstractModel
from surefit.problem.kernels import Block

# Parameter vectors in one compiled call: one, or this many (filled up with copies).
ROWS = 32
# Memory that the derivatives of one compiled call may take, in bytes.
MEMORY = 2**26
SMALLEST = 32


def bucket(n: int) -> int:
    """The smallest of 32, 48, 64, 96, 128, … that holds n points: at most a third is padding."""
    size = SMALLEST
    while size < n:
        size = size * 3 // 2 if (size & (size - 1)) == 0 else size * 4 // 3
    return size


def largest_block(n_parameters: int, n_outputs: int) -> int:
    """The most points for which a full call keeps to the memory limit; a power of two."""
    points = MEMORY // (8 * ROWS * n_outputs * (n_parameters + 4))
    return max(SMALLEST, 2 ** (int(points).bit_length() - 1))


def cut(data: Data, model: AbstractModel) -> tuple[Block, ...]:
    """Put the data on the device in blocks of one padded size.

    A model that is not pointwise, and correlated errors, need all points in one block.

    Args:
        data: The checked data.
        model: The resolved model, for its number of parameters.

    Returns:
        Blocks of equal shape; padding repeats the first point with weight zero.
    """
    weight = 1 / data.noise.sigma
    whitening = data.noise.whitening()
    if whitening is not None:
        y = whitening @ data.y
        arrays = (data.x, y, np.ones_like(y), whitening)
        return (Block(*(jnp.asarray(array) for array in arrays)),)
    if not model.is_pointwise:
        return (Block(*(jnp.asarray(array) for array in (data.x, data.y, weight))),)
    n = data.n_points
    length = min(bucket(n), largest_block(model.parameters().size, data.n_outputs))
    blocks = []
    for start in range(0, n, length):
        index = np.arange(start, start + length)
        inside = index < n
        index = np.where(inside, index, start)
        arrays = (data.x[index], data.y[index], weight[index] * inside[:, None])
        blocks.append(Block(*(jnp.asarray(array) for array in arrays)))
    return tuple(blocks)
