"""The data of many fits, checked once: what is wrong with one row never stops the others."""

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from surefit.data.arrays import as_float_array
from surefit.data.checked import Data, check_data
from surefit.exceptions import InvalidType, ShapeMismatch, SurefitError


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """The data of k fits as the user gave them, each checked by itself.

    Attributes:
        x: Inputs shared by all rows, (n,) or (n, d); or a sequence of k such arrays.
        y: k arrays (n_i,), as one array (k, n) or as a list.
        yerr: For each row what `surefit.fit` takes as its `yerr`; or None for all.
        is_shared: Whether all rows have the same x.
        messages: Why a row cannot be fitted; empty if it can. One for each row.
    """

    x: Any
    y: Any
    yerr: Any
    is_shared: bool
    messages: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def is_given(self) -> bool:
        """Whether the errors on y were given."""
        return self.yerr is not None

    @property
    def n_points(self) -> np.ndarray:
        """Points of each row, without those that are masked."""
        if isinstance(self.y, np.ndarray):
            return np.full(len(self.y), self.y.shape[1])
        return np.array([int(np.ma.count(row)) for row in self.y])

    @functools.cached_property
    def usable(self) -> np.ndarray:
        """Rows that can be fitted."""
        return np.flatnonzero([not message for message in self.messages])

    def arguments(self, row: int) -> tuple[Any, Any, Any]:
        """x, y and yerr of one row, as `surefit.fit` takes them."""
        x = self.x if self.is_shared else self.x[row]
        return x, self.y[row], None if self.yerr is None else self.yerr[row]

    def data(self, row: int) -> Data:
        """One row, checked.

        Raises:
            DataError: The row cannot be fitted.
        """
        return check_data(*self.arguments(row))


def check_samples(x: Any, y: Any, yerr: Any) -> Samples:
    """Bring the data of many fits into one form.

    Args:
        x: (n,) for all rows, or (n, d) if it is not of the shape of y; (k, n) or (k, n, d), one
            for each row; or a list of k arrays of any lengths.
        y: (k, n), or a list of k arrays.
        yerr: None; a scalar; (k,), one for each row; (k, n); or a list of k scalars or arrays.

    Returns:
        The samples. A row that `surefit.fit` would refuse has a message that says why.

    Raises:
        ShapeMismatch: The numbers of rows differ, or a shape is none of the above.
        InvalidType: Something is not an array of numbers.
    """
    rows = _outputs(y)
    inputs, is_shared = _inputs(x, rows)
    errors = _errors(yerr, rows)
    samples = Samples(inputs, rows, errors, is_shared, ("",) * len(rows))
    return dataclasses.replace(samples, messages=_messages(samples))


def keys_of(arrays: list[np.ndarray]) -> np.ndarray:
    """Numbers that look random and follow from what is in each of k rows.

    Args:
        arrays: What is in the rows, each of shape (k, …), or (1, …) where all are alike.
    """
    keys = np.zeros(max(len(array) for array in arrays), dtype=np.uint64)
    for number, array in enumerate(arrays):
        bits = np.ascontiguousarray(array, dtype=np.float64).reshape(len(array), -1)
        factors = np.random.default_rng(number).integers(2**64, size=bits.shape[1], dtype=np.uint64)
        # Multiplicative hashing (Dietzfelbinger et al. 1997): odd factors, sums modulo 2^64.
        sums = np.einsum("kn,n->k", bits.view(np.uint64), factors | np.uint64(1))
        keys = (keys ^ (keys >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + sums
    return keys ^ (keys >> np.uint64(32))


def _outputs(y: Any) -> Any:
    if _is_ragged(y):
        return _stacked([_row(row, f"Y[{i}]") for i, row in enumerate(y)])
    array = _rectangular(y, "Y")
    if array.ndim != 2 or not array.size:
        raise ShapeMismatch(
            f"Y has shape {array.shape}; pass shape (k, n), one row for each fit, or a list of k "
            "arrays. For a single fit use surefit.fit."
        )
    return array


def _inputs(x: Any, rows: Any) -> tuple[Any, bool]:
    k = len(rows)
    if _is_ragged(x):
        if len(x) != k:
            raise ShapeMismatch(f"X has {len(x)} rows but Y has {k}; give one x for each y.")
        return _stacked([_row(row, f"X[{i}]") for i, row in enumerate(x)]), False
    array = _rectangular(x, "X")
    lengths = {rows.shape[1]} if isinstance(rows, np.ndarray) else {np.size(row) for row in rows}
    is_own = array.ndim >= 2 and len(array) == k and {array.shape[1]} == lengths
    if is_own or array.ndim == 3:
        if len(array) != k:
            raise ShapeMismatch(f"X has {len(array)} rows but Y has {k}; give one x for each y.")
        return array, False
    if array.ndim not in (1, 2) or {len(array)} != lengths:
        shown = f"{k} rows of {lengths.pop()}" if len(lengths) == 1 else f"{k} rows"
        raise ShapeMismatch(
            f"X has shape {array.shape} but Y has {shown} points; pass one x of shape (n,) for "
            "all rows, shape (k, n), or a list of k arrays as long as those of Y."
        )
    return array, True


def _errors(yerr: Any, rows: Any) -> Any:
    k = len(rows)
    if yerr is None:
        return None
    if _is_ragged(yerr):
        if len(yerr) != k:
            raise ShapeMismatch(
                f"yerr has {len(yerr)} entries but Y has {k} rows; give one for each row."
            )
        return _stacked([_row(row, f"yerr[{i}]") for i, row in enumerate(yerr)])
    array = _rectangular(yerr, "yerr")
    if array.ndim == 0:
        return np.broadcast_to(array, k)
    if len(array) == k and array.ndim == 1:
        return array
    if isinstance(rows, np.ndarray) and array.shape == rows.shape:
        return array
    expected = f"a scalar, ({k},), one for each row"
    if isinstance(rows, np.ndarray):
        expected += f", or {rows.shape}"
    raise ShapeMismatch(
        f"yerr has shape {array.shape} but Y has {k} rows; pass {expected}, or a list of {k} "
        "arrays. Errors that all rows share are np.broadcast_to(yerr, Y.shape)."
    )


def _is_ragged(values: Any) -> bool:
    """Whether a list or an array of objects holds rows of different lengths, or arrays."""
    if isinstance(values, np.ndarray):
        return values.dtype == object and values.ndim == 1 and _holds_rows(values)
    return isinstance(values, list | tuple) and _holds_rows(values)


def _holds_rows(values: Iterable[Any]) -> bool:
    return any(np.ndim(row) > 0 for row in values if row is not None)


def _row(values: Any, name: str) -> np.ndarray:
    """One row as an array; a masked one stays so, for its points to be dropped."""
    array, mask = as_float_array(values, name)
    return array if mask is None or not mask.any() else np.ma.masked_array(array, mask)


def _stacked(rows: list[np.ndarray]) -> Any:
    """Rows of equal shape as one array."""
    if len({row.shape for row in rows}) > 1 or any(np.ma.isMaskedArray(row) for row in rows):
        return rows
    return np.array(rows)


def _rectangular(values: Any, name: str) -> np.ndarray:
    array, mask = as_float_array(values, name)
    if mask is not None and mask.any():
        raise InvalidType(
            f"{name} has masked entries; pass a list of arrays without them, one for each row."
        )
    return array


def _messages(samples: Samples) -> tuple[str, ...]:
    """Why each row cannot be fitted; rows that look well at a glance are not checked one by one."""
    suspects = _suspects(samples)
    messages = [""] * len(samples)
    for row in suspects:
        try:
            data = samples.data(int(row))
            if not data.is_single_output or data.noise.covariance is not None:
                raise ShapeMismatch(
                    "A row of Y must have shape (n,), and its errors a scalar or shape (n,); use "
                    "surefit.fit for several outputs or correlated errors."
                )
        except SurefitError as error:
            messages[row] = str(error)
    return tuple(messages)


def _suspects(samples: Samples) -> np.ndarray:
    """Rows to be checked one by one."""
    y, yerr, k = samples.y, samples.yerr, len(samples)
    is_array = isinstance(y, np.ndarray) and isinstance(samples.x, np.ndarray)
    if not is_array or not (yerr is None or isinstance(yerr, np.ndarray)):
        return np.arange(k)
    with np.errstate(all="ignore"):
        sigma = np.ones(1) if yerr is None else np.reshape(yerr, (k, -1))
        x = samples.x[None] if samples.is_shared else samples.x
        good = _sound(x.reshape(len(x), -1)) & _sound(y) & (sigma > 0).all(axis=-1)
        good = good & np.isfinite(sigma).all(axis=-1) & _sound(y / sigma)
        good &= _sound(sigma)
    return np.flatnonzero(~np.broadcast_to(good, k))


def _sound(values: np.ndarray) -> np.ndarray:
    """Rows of finite numbers of ordinary size."""
    size = np.abs(values).max(axis=-1)
    return np.isfinite(size) & (size < 1e60) & ((size > 1e-60) | (size == 0))
