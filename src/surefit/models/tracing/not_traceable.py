"""Why a function cannot be followed by tracing, in words a physicist understands."""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType

# Frames of these packages are not the user's code.
_LIBRARIES = ("/jax/", "/jaxlib/", "/numpy/", "/scipy/", "/surefit/models/")


class NotTraceable(TypeError):
    """Tracing met something it cannot follow; the message completes "the function …".

    It never reaches a user: the fit falls back to numerical derivatives and reports the reason.
    """


def reason(error: BaseException) -> str:
    """One sentence on why tracing stopped, with the line of the function where it did.

    Args:
        error: What was raised while the function was traced.

    Example:
        >>> reason(NotTraceable("branches (if, while, and, or) on the value of x or a parameter"))
        'The function branches (if, while, and, or) on the value of x or a parameter.'
    """
    if isinstance(error, NotTraceable):
        what = f"The function {error}"
    elif "Unhashable" in str(error) or "unhashable" in str(error):
        what = "The function uses x or a parameter as a key (a dict, a set, or a cached function)"
    else:
        first = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        what = f"The function cannot be traced: {type(error).__name__}: {first}"
    line = _own_line(error.__traceback__)
    return f"{what}, in line {line}." if line else f"{what}."


def _own_line(trace: TracebackType | None) -> str:
    """Number and text of the innermost line that is not a library's."""
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(trace)
        if not any(part in frame.f_code.co_filename.replace("\\", "/") for part in _LIBRARIES)
    ]
    if not own:
        return ""
    filename, number = own[-1]
    text = linecache.getline(filename, number).strip()
    return f"{number} ({text})" if text else str(number)
