"""Columns of linear models: one input in, any number of outputs out."""

import numpy as np

from surefit.exceptions import ShapeMismatch


def shape_for(n_outputs: int) -> tuple[int, ...]:
    """Shape of one coefficient: a scalar for one output, (M,) for M outputs."""
    return () if n_outputs == 1 else (n_outputs,)


def for_each_output(columns, n_outputs: int):
    """Give each output of a model its own copy of the columns of one output.

    Args:
        columns: Shape (n, k), NumPy or JAX.
        n_outputs: m.

    Returns:
        Shape (n, m, k·m): the columns for parameters of shape (k, m) in C order.
    """
    if n_outputs == 1:
        return columns[:, None, :]
    return (columns[:, None, :, None] * np.eye(n_outputs)[None, :, None, :]).reshape(
        columns.shape[0], n_outputs, -1
    )


def single_input(x, model: str):
    """Bring x into shape (n,), where it was given as (n,) or (n, 1).

    Raises:
        ShapeMismatch: There are several columns.
    """
    if x.ndim == 2 and x.shape[1] != 1:
        raise ShapeMismatch(f"{model} takes one input but x has shape {x.shape}; pass one column.")
    return x.reshape(-1)
