"""Of all ways to write the same sum of units, always the same one.

Units Σ_j c_j s(w_j·x + b_j) can be permuted, and most shapes s allow more: see `Symmetry`. That
for tanh nothing else leaves the function unchanged is shown by H. J. Sussmann, Neural Networks 5
(1992) 589, for units that are not redundant.
"""

import numpy as np

from surefit.annotations import Float, Int
from surefit.models.units import Symmetry

# Keys closer than this, relative to their size or to the median size, are ties that the next key
# decides: equivalent units differ by rounding errors, which must not decide their order.
_TIE = 1e-11

# A weight below this part of the unit's largest weight has no say in the unit's sign.
_NEGLIGIBLE = 1e-9


def canonical_order(keys: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " n"]:
    """The order that sorts rows by their first key, ties by the second, and so on.

    Args:
        keys: Finite sort keys, one row for each thing to be sorted.

    Returns:
        The permutation that sorts the rows; differences of the order of rounding count as ties.

    Example:
        >>> canonical_order(np.array([[1 + 1e-15, 5.0], [1.0, 7.0], [0.0, 9.0]])).tolist()
        [2, 0, 1]
    """
    runs = [np.arange(len(keys))]
    for column in keys.T:
        if all(len(run) < 2 for run in runs):
            break
        median = np.median(np.abs(column))
        pieces = []
        for run in runs:
            ordered = run[np.argsort(column[run], kind="stable")]
            size = np.maximum(np.abs(column[ordered]), median)
            is_break = np.diff(column[ordered]) > _TIE * np.maximum(size[:-1], size[1:])
            pieces += np.split(ordered, np.flatnonzero(is_break) + 1)
        runs = pieces
    return np.concatenate(runs)


def normal_units(
    weight: Float[np.ndarray, "n d"],
    bias: Float[np.ndarray, " n"],
    outgoing: Float[np.ndarray, "n m"],
    symmetry: Symmetry,
    *,
    has_constant: bool,
    center: Float[np.ndarray, " d"] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give each unit the sign, scale and phase that are reported, without changing the sum.

    The first weight that is not negligible is positive, where the sign is free; the weights have
    norm 1, where the scale is; the bias is within half of half a period of 0, where a phase is.

    Args:
        weight: Weights of the argument of each unit.
        bias: Bias of the argument of each unit.
        outgoing: Coefficients with which the units are added up.
        symmetry: What the units' shape allows.
        has_constant: Whether the sum can absorb a constant.
        center: Where the inputs have their 0, if not where the phase is to be counted from.

    Returns:
        Weight, bias and outgoing of the units in their given order, and the constant to add,
        shape (m,).
    """
    weight, bias, outgoing = weight.copy(), bias.copy(), outgoing.copy()
    constant = np.zeros(outgoing.shape[1])
    if symmetry.degree is not None:
        norm = np.hypot.reduce(weight, axis=1)  # no overflow of squares
        norm[norm == 0] = 1.0
        weight /= norm[:, None]
        bias /= norm
        outgoing *= norm[:, None] ** symmetry.degree
    if symmetry.sign != 0 and (has_constant or symmetry.constant == 0):
        flipped = leading_sign(weight) < 0
        weight[flipped] *= -1
        bias[flipped] *= -1
        outgoing[flipped] *= symmetry.sign
        constant -= symmetry.constant * outgoing[flipped].sum(axis=0)
    if symmetry.half_period is not None:
        raw = bias if center is None else bias - weight @ center
        shift = np.round(raw / symmetry.half_period)
        bias -= shift * symmetry.half_period
        outgoing[shift % 2 == 1] *= -1
    return weight, bias, outgoing, constant


def leading_sign(rows: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """Sign of the first entry of each row that is not negligible beside the row's largest.

    Example:
        >>> leading_sign(np.array([[1e-17, -2.0], [3.0, -5.0], [0.0, 0.0]])).tolist()
        [-1.0, 1.0, 0.0]
    """
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    size = np.abs(rows)
    counts = size > _NEGLIGIBLE * size.max(axis=1, keepdims=True)
    first = np.argmax(counts, axis=1)
    return np.sign(rows[np.arange(len(rows)), first])
