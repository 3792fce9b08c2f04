"""The columns of a file that a command fits."""

import dataclasses

import numpy as np

from surefit.cli.columns import ColumnOptions
from surefit.data.files import read_table
from surefit.data.table import Table
from surefit.exceptions import InvalidErrors, UnknownColumn


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """What a command fits.

    Attributes:
        source: The file.
        x: Inputs, shape (n,) for one column, (n, d) for several.
        y: Outputs, shape (n,).
        yerr: Errors, shape (n,) or one number, or None.
        inputs: Names of the columns of x.
        x_label: Name and unit of x, for a figure.
        y_label: Name and unit of y.
        n_dropped: Rows left out because a value was missing.
        notes: Sentences for the report.
    """

    source: str
    x: np.ndarray
    y: np.ndarray
    yerr: np.ndarray | float | None
    inputs: tuple[str, ...]
    x_label: str
    y_label: str
    n_dropped: int
    notes: tuple[str, ...]


def read_sample(file: str, columns: ColumnOptions) -> Sample:
    r"""Read the columns to fit; rows with a missing value are dropped, which a note says.

    Args:
        file: The file, or `file.root:tree`.
        columns: Which columns.

    Returns:
        The sample.

    Raises:
        DataError: The file or a column cannot be used.
        InvalidErrors: The one error given is not a positive number.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "run.csv")
        ...     _ = path.write_text("t,U,s\n0,1.5,0.1\n1,,0.1\n2,2.5,0.1\n")
        ...     sample = read_sample(str(path), ColumnOptions(["t"], "U", "s"))
        >>> sample.y.tolist(), sample.n_dropped
        ([1.5, 2.5], 1)
    """
    table = read_table(file)
    one_error = None if columns.yerr is None else _number(table, columns.yerr)
    names = [*columns.x, columns.y]
    if columns.yerr is not None and one_error is None:
        names.append(columns.yerr)
    chosen = table.complete(names)
    d = len(columns.x)
    x = chosen.values[0] if d == 1 else np.stack(chosen.values[:d], axis=1)
    return Sample(
        source=table.source,
        x=x,
        y=chosen.values[d],
        yerr=one_error if len(names) == d + 1 else chosen.values[d + 1],
        inputs=tuple(columns.x),
        x_label=", ".join(_label(table, name) for name in columns.x),
        y_label=_label(table, columns.y),
        n_dropped=chosen.n_dropped,
        notes=chosen.notes,
    )


def _number(table: Table, text: str) -> float | None:
    """The error common to all points, or None if the text is the name of a column."""
    if text in table:
        return None
    try:
        number = float(text)
    except ValueError:
        try:
            table.position(text)
        except UnknownColumn as error:
            raise UnknownColumn(f"--yerr takes a column or a number. {error}") from None
        return None
    if not (np.isfinite(number) and number > 0):
        raise InvalidErrors(f"--yerr is {text}; one standard deviation must be a positive number.")
    return number


def _label(table: Table, name: str) -> str:
    unit = table.units.get(name, "")
    return f"{name} [{unit}]" if unit else name
