"""Penalties as they stand in files: their constructors, read back without running anything."""

import re
from typing import Any

from surefit.exceptions import FileProblem
from surefit.losses.penalties import AbstractPenalty, Ridge, Roughness

_KINDS = {kind.__name__: kind for kind in (Ridge, Roughness)}


def penalty_from_text(text: Any) -> AbstractPenalty | None:
    """The penalty whose constructor this is; None for None.

    Args:
        text: What `str` of a penalty gave, or None.

    Raises:
        FileProblem: It is none of ours.

    Example:
        >>> penalty_from_text("Ridge(2.5)")
        Ridge(strength=2.5)
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\w+)\(([-+.\de]+)\)", text) if isinstance(text, str) else None
    if not match or match[1] not in _KINDS:
        raise FileProblem(f"The saved fit has an unknown penalty, {text!r}.")
    return _KINDS[match[1]](float(match[2]))
