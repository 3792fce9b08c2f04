"""Which combinations of parameters the data leave undetermined, in words."""

from collections.abc import Sequence

import numpy as np

from surefit.annotations import Float

# Entries of a direction below this fraction of its largest are rounding.
NEGLIGIBLE = 1e-4
# Most combinations, and most parameters in one, that are worth spelling out.
MOST_COMBINATIONS = 6
MOST_PARAMETERS = 5


def combinations_in_words(
    names: Sequence[str],
    point: np.ndarray,
    free: Float[np.ndarray, "k q"],
    scale: Float[np.ndarray, " q"],
) -> list[str]:
    """Say how parameters can change together without changing the curve.

    Args:
        names: The parameters, q of them.
        point: Their values, shape (q,).
        free: Directions that the data leave free there, in scaled units; orthonormal rows.
        scale: What to multiply scaled units by to get those of the parameters, shape (q,).

    Returns:
        A sentence for each direction that involves a few parameters only, such as "Raising a by
        1 % is undone by lowering b by 1 %."

    Example:
        >>> free = np.array([[1.0, -1.0, 0.0]]) / np.sqrt(2)
        >>> scale = np.array([1.0, 20.0, 1.0])
        >>> combinations_in_words(["a", "b", "c"], np.array([2.0, 40.0, 1.0]), free, scale)
        ['Raising a by 1 % is undone by lowering b by 1 %.']
    """
    sentences = []
    for direction in sparse_basis(free) * scale:
        which = np.flatnonzero(direction)
        if 2 <= len(which) <= MOST_PARAMETERS:
            sentences.append(_sentence(names, point, direction, which))
    return sentences[:MOST_COMBINATIONS]


def sparse_basis(free: Float[np.ndarray, "k q"]) -> Float[np.ndarray, "k q"]:
    """A basis of the same space with as many zeros as elimination gives.

    Args:
        free: Orthonormal rows, shape (k, q).

    Returns:
        Rows in reduced echelon form, the largest entries being the pivots; shape (k, q).
    """
    rows = np.array(free, dtype=float)
    for i in range(len(rows)):
        at = np.unravel_index(np.argmax(np.abs(rows[i:])), rows[i:].shape)
        rows[[i, i + at[0]]] = rows[[i + at[0], i]]
        rows[i] /= rows[i, at[1]]
        others = np.arange(len(rows)) != i
        rows[others] -= np.outer(rows[others, at[1]], rows[i])
    rows[np.abs(rows) < NEGLIGIBLE * np.abs(rows).max(axis=1, keepdims=True, initial=0.0)] = 0.0
    return rows


def _sentence(names, point, direction, which) -> str:
    """Changes in percent where no value is zero and they come out simpler so, else absolute."""
    change = direction[which]
    values = point[which]
    if np.all(values != 0):
        relative = change / values
        if _is_simple(relative) or not _is_simple(change):
            relative = relative / relative[0]
            return _clauses(names, which, [f"{abs(r):.3g} %" for r in relative], relative)
    change = change / change[0]
    return _clauses(names, which, [f"{abs(c):.3g}" for c in change], change)


def _is_simple(changes: np.ndarray) -> bool:
    """Whether all ratios are small whole numbers, or one over them."""
    ratio = np.abs(changes / changes[0])
    ratio = np.where(ratio < 1, 1 / ratio, ratio)
    return bool(np.all(ratio < 10) and np.all(np.abs(ratio - np.round(ratio)) < 1e-3))


def _clauses(names, which, amounts: list[str], signs: np.ndarray) -> str:
    first, *rest = (
        f"{'raising' if sign > 0 else 'lowering'} {names[i]} by {amount}"
        for i, amount, sign in zip(which, amounts, signs, strict=True)
    )
    joined = rest[0] if len(rest) == 1 else ", ".join(rest[:-1]) + f" and {rest[-1]}"
    return f"{first[0].upper()}{first[1:]} is undone by {joined}."
