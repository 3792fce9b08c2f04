"""Which of all equivalent parameter vectors of a model is reported, given what the user said."""

import dataclasses

import numpy as np

from surefit.models.base import AbstractModel, Sum
from surefit.models.function import ResolvedFunction
from surefit.models.structures.canonical import Wishes, canonical


def reported_values(model: AbstractModel, values: np.ndarray, wishes: Wishes) -> np.ndarray:
    """The equivalent vector to report.

    Args:
        model: A resolved model.
        values: Its flat parameter vector, shape (p,).
        wishes: Starts, limits and fixed values: they anchor the labels of a function's parameters
            (starts given, or defaults in its signature that differ, are kept to) and are never
            violated. Other models are left as they are when any of their parameters is constrained.

    Returns:
        An equivalent vector, shape (p,).
    """
    if isinstance(model, Sum):
        parts, begin = [], 0
        for part, piece in zip(model.parts, model.pieces(values), strict=True):
            where = slice(begin, begin + len(piece))
            parts.append(reported_values(part, piece, wishes.part(where)))
            begin += len(piece)
        return np.concatenate(parts)
    if isinstance(model, ResolvedFunction):
        start = np.where(np.isnan(wishes.start), model.defaults, wishes.start)
        return canonical(model.structure, values, dataclasses.replace(wishes, start=start))
    return values if wishes.constrain else model.canonical(values)
