"""Readings as they stand in files: their constructors, read back without running anything."""

import re
from typing import Any

from surefit.data.reading import AbstractReading, AtPoints
from surefit.exceptions import FileProblem
from surefit.models.readings.bins import BinIntegrals, Cumulative
from surefit.models.readings.x_errors import EffectiveErrors, LatentInputs

_PLAIN = {str(one): one for one in (AtPoints(), LatentInputs(), EffectiveErrors(), Cumulative())}


def reading_from_text(text: Any) -> AbstractReading:
    """The reading whose constructor this is.

    Args:
        text: What `str` of a reading gave.

    Raises:
        FileProblem: It is none of ours.

    Example:
        >>> reading_from_text("LatentInputs()")
        LatentInputs()
    """
    match = re.fullmatch(r"BinIntegrals\((\d+)\)", text) if isinstance(text, str) else None
    if match:
        return BinIntegrals(int(match[1]))
    if text not in _PLAIN:
        raise FileProblem(f"The saved fit compares points in an unknown way, {text!r}.")
    return _PLAIN[text]
