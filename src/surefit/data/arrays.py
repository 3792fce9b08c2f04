"""Turn whatever the user passed into a float64 array, or say why not."""

from typing import Any

import numpy as np

from surefit.exceptions import InvalidType, ShapeMismatch


def as_float_array(values: Any, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Convert lists, NumPy or JAX arrays and data-frame columns to float64.

    Args:
        values: The user's argument.
        name: What the user calls it, for the messages.

    Returns:
        The array and, if it was a masked array, its mask (else None).

    Raises:
        InvalidType: It holds strings, objects, complex numbers, or nothing array-like.
        ShapeMismatch: It is a ragged list.
    """
    if values is None:
        raise InvalidType(f"{name} is None; pass an array of numbers.")
    if isinstance(values, str | bytes | dict | set):
        raise InvalidType(f"{name} is a {type(values).__name__}; pass an array of numbers.")
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    try:
        array = np.ma.getdata(values) if mask is not None else np.asarray(values)
    except ValueError as error:
        raise ShapeMismatch(
            f"{name} cannot be made into an array ({error}); give every row the same length."
        ) from None
    except Exception as error:  # a foreign container may raise anything from its conversion
        raise InvalidType(f"{name} cannot be made into an array: {error}.") from None
    return _as_float64(array, name), mask


def _as_float64(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    if array.dtype.kind == "c":
        raise InvalidType(
            f"{name} is complex; fit its real and imaginary parts as two outputs, shape (n, 2)."
        )
    if array.dtype.kind in "mM":
        raise InvalidType(
            f"{name} holds dates or times; pass numbers, such as seconds since the first point."
        )
    if array.dtype.kind == "O":
        try:
            return np.array(
                [np.nan if value is None else value for value in array.ravel()], dtype=np.float64
            ).reshape(array.shape)
        except (TypeError, ValueError):
            pass
    raise InvalidType(f"{name} holds {_kind(array)}, not numbers; pass an array of real numbers.")


def _kind(array: np.ndarray) -> str:
    if array.dtype.kind in "USa":
        return "strings"
    if array.dtype.kind == "O" and array.size:
        return f"objects such as {type(array.ravel()[0]).__name__}"
    return f"values of type {array.dtype}"
