"""What to say of parameters that have no ordinary error: at limits, steps, undetermined, idle."""

from collections.abc import Mapping, Sequence

import numpy as np

# Most names in a list.
SHOWN = 8
CONFINED = "step: see its interval"


def remarks_of(
    names: Sequence[str],
    at_bound: np.ndarray,
    steps: np.ndarray,
    confined: np.ndarray,
    undetermined: np.ndarray,
    idle: np.ndarray,
    flat: np.ndarray,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Why parameters have no error, in a few words each, and in sentences.

    Args:
        names: The parameters, p of them.
        at_bound: Mask of those at one of their limits, shape (p,).
        steps: Mask of those on which the curve depends only through jumps.
        confined: Mask of those that move the curve as well, within a cell between data points.
        undetermined: Mask of those that take part in a combination that the data leave open.
        idle: Mask of those, among the undetermined, that do not move the curve at all.
        flat: Mask of those, among the undetermined, that move the curve but not the loss.

    Returns:
        Remarks by name, and notes.

    Example:
        >>> yes, no = np.array([False, True]), np.array([False, False])
        >>> remarks, notes = remarks_of(["a", "b"], no, no, no, yes, yes, no)
        >>> remarks, notes[0]
        ({'b': 'no effect'}, 'The curve does not depend on b at the points of the data.')
    """
    remarks: dict[str, str] = {}
    kinds = (
        (at_bound, "at its limit"),
        (steps, "step: no curvature"),
        (confined, CONFINED),
        (idle, "no effect"),
        (flat, "loss is flat"),
        (undetermined, "not determined"),
    )
    for mask, words in reversed(kinds):
        remarks |= {name: words for name, is_in in zip(names, mask, strict=True) if is_in}
    notes = []
    if steps.any():
        has = "so it has" if steps.sum() == 1 else "so they have"
        notes.append(
            f"The fit jumps as {_crossing(names, steps)}, {has} no error from curvature; the "
            "center of the best interval between points is given."
        )
    if confined.any():
        notes.append(
            f"The fit jumps as {_crossing(names, confined)}, and changes smoothly in between. "
            "Errors of the others count how far such a parameter may vary between two points; "
            "what lies beyond these is in its interval."
        )
    if idle.any():
        which = _listed(names, idle)
        notes.append(f"The curve does not depend on {which} at the points of the data.")
    if flat.any():
        vary = "varies" if flat.sum() == 1 else "vary"
        notes.append(
            f"The loss does not change at all as {_listed(names, flat)} {vary} a little, though "
            "the curve does: a whole range of curves fits equally well, and this is one of them."
        )
    entangled = undetermined & ~idle & ~flat
    if entangled.any():
        which = _listed(names, entangled)
        notes.append(f"The data do not determine {which} separately; the curve is not affected.")
    return remarks, tuple(notes)


def _crossing(names: Sequence[str], mask: np.ndarray) -> str:
    """What parameters do when the curve jumps."""
    what = "crosses a data point" if mask.sum() == 1 else "cross data points"
    return f"{_listed(names, mask)} {what}"


def confined_names(remarks: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the parameters that move a jump and, within their cell, the curve."""
    return tuple(name for name, remark in remarks.items() if remark == CONFINED)


def jump_note(names: Sequence[str], at_jump: np.ndarray) -> tuple[str, ...]:
    """What to say of parameters that a jump is in the way of, a mask over the names."""
    if not at_jump.any():
        return ()
    which = _listed(names, at_jump)
    return (f"{which} is beside a jump: further on a data point changes side and -2 ln L rises.",)


def _listed(names: Sequence[str], mask: np.ndarray) -> str:
    chosen = [name for name, is_in in zip(names, mask, strict=True) if is_in]
    shown = ", ".join(chosen[:SHOWN])
    return shown + (f" and {len(chosen) - SHOWN} more" if len(chosen) > SHOWN else "")
