"""Remember the structures of functions, and check what is remembered before it is used again."""

import collections
import dataclasses
import threading
from collections.abc import Hashable

import numpy as np

from surefit.models.structures.bases import base_at
from surefit.models.structures.find import Trial, find_structure
from surefit.models.structures.probe import Probe, few_points, is_pointwise_at
from surefit.models.structures.record import Role
from surefit.models.structures.roles import is_affine, is_flat
from surefit.models.structures.symmetry import PERIOD_ROUNDING, same
from surefit.models.structures.whole import Structure

# Structures kept; the least recently used goes first.
KEPT = 128
_KNOWN: collections.OrderedDict[Hashable, tuple[Structure, list[np.ndarray]]] = (
    collections.OrderedDict()
)
_LOCK = threading.Lock()


def structure_of(key: Hashable, trial: Trial) -> Structure:
    """The structure of a function: found, or known from other data of similar scale.

    Every statement that a fit builds on (linear, no effect, only steps, pointwise, interchangeable)
    is checked on the new data; one that does not hold there means that all is found anew.

    Args:
        key: What the function computes: its fingerprint.
        trial: The function and where to try it.

    Returns:
        The structure.
    """
    with np.errstate(all="ignore"):
        return _structure_of((key, _place(trial)), trial)


def _structure_of(place: Hashable, trial: Trial) -> Structure:
    with _LOCK:
        known = _KNOWN.get(place)
    if known is not None:
        structure, vectors = known
        probe = Probe(trial.evaluate, few_points(trial.x) if structure.is_pointwise else trial.x)
        reason, _ = trial.traced(probe.x, np.array(vectors[:2]))
        if reason == structure.reason and _still_holds(structure, vectors, probe, trial.x):
            return dataclasses.replace(structure, label=trial.label, n_calls=probe.n_calls)
    found = find_structure(trial)
    with _LOCK:
        _KNOWN[place] = found
        _KNOWN.move_to_end(place)
        while len(_KNOWN) > KEPT:
            _KNOWN.popitem(last=False)
    return found[0]


def _place(trial: Trial) -> Hashable:
    """What data must have in common for a structure to be worth checking: scales to a factor 2."""
    low, high = np.array(trial.scales.x_low), np.array(trial.scales.x_high)
    ends, extent = np.array([low, high]), high - low
    # Beside the extent of the data an end that is small is zero, whatever its own size.
    ends = np.where(np.abs(ends) < extent / 4, 0.0, ends)
    exponents = np.frexp(np.array([*ends, extent]))[1]
    return trial.x.ndim, len(trial.x) < 3, tuple(exponents.ravel().tolist())


def _still_holds(
    structure: Structure, vectors: list[np.ndarray], probe: Probe, x: np.ndarray
) -> bool:
    """Whether what was found elsewhere is true of the points of this probe."""
    base = base_at(probe, vectors[0])
    if base is None or len(base.center) != structure.n_outputs * len(probe.x):
        return False
    if structure.is_pointwise and not is_pointwise_at(probe.evaluate, base.values, x):
        return False
    for i, role in enumerate(structure.roles):
        is_same = np.array_equal(base.moved[i], base.center)
        if role is Role.idle and not is_same:
            return False
        if role is Role.step and not is_flat(probe, base, i):
            return False
    if not is_affine(probe, base, base.moves * np.array(structure.linear)):
        return False
    return all(
        same(probe(one.apply(base.values)), base.center, base, PERIOD_ROUNDING)
        for one in structure.symmetries.generators
    )
