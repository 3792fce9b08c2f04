"""Tables in NumPy's own files, NPY and NPZ; nothing pickled is ever loaded."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from surefit.data.table import Table
from surefit.exceptions import FileProblem

_MOST_COLUMNS = 10_000  # an image or a transposed table is not a table with named columns


def read_npy(path: Path) -> Table:
    """Read an NPY file: a structured array gives its fields, a plain one `c0`, `c1`, ….

    Args:
        path: The file, holding an array of shape (n,) or (n, k).

    Raises:
        FileProblem: It is broken, holds Python objects, or has more than two axes.
    """
    array = _load(path)
    if not isinstance(array, np.ndarray):
        raise FileProblem(f"{path} holds no array.")
    return _table(path, list(_columns(path, "", array)))


def read_npz(path: Path) -> Table:
    """Read an NPZ archive: each array of shape (n,) is a column, (n, k) gives `name[0]`, ….

    Scalars and arrays with more than two axes are no columns; structured arrays give their fields.

    Raises:
        FileProblem: It is broken, holds Python objects, or has no column.
    """
    columns: list[tuple[str, np.ndarray]] = []
    with _load(path) as archive:
        for name in archive.files:
            try:
                array = archive[name]
            except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
                raise _broken(path, error, f", array {name!r},") from None
            if array.ndim in (1, 2):
                columns += _columns(path, name, array)
    return _table(path, columns)


def _load(path: Path):
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: Exception, part: str = "") -> FileProblem:
    if "pickle" in str(error):
        return FileProblem(
            f"{path}{part} holds Python objects, which only run code to load; save plain numbers: "
            "np.savez(path, x=np.asarray(x, dtype=float))."
        )
    return FileProblem(f"{path}{part} cannot be read: {error}.")


def _columns(path: Path, name: str, array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Cut an array into named columns."""
    if array.dtype.names:
        for field in array.dtype.names:
            yield from _columns(path, f"{name}.{field}" if name else field, array[field])
    elif array.ndim == 1:
        yield name or "c0", array
    elif array.ndim == 2 and array.shape[1] <= _MOST_COLUMNS:
        for at in range(array.shape[1]):
            yield f"{name}[{at}]" if name else f"c{at}", array[:, at]
    else:
        of = f", array {name!r}," if name else ""
        raise FileProblem(
            f"{path}{of} has shape {array.shape}, which is no table; save shape (points, columns)."
        )


def _table(path: Path, columns: list[tuple[str, np.ndarray]]) -> Table:
    if not columns:
        raise FileProblem(f"{path} has no columns; save arrays of shape (n,) in it.")
    names, arrays = zip(*columns, strict=True)
    return Table(str(path), names, arrays.__getitem__)
