"""Named columns from a file, and the rows of them that are complete."""

import dataclasses
import difflib
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from surefit.exceptions import DataError, FileProblem, NotFinite, ShapeMismatch, UnknownColumn

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--"})
"""What an empty cell may look like, in lower case."""

_MOST_NAMES = 30  # a ROOT tree may have a thousand branches; a message should fit on a screen


@dataclasses.dataclass(frozen=True, eq=False)
class Columns:
    """Columns chosen from a table, without the rows in which one of them has a missing value.

    Attributes:
        values: One float64 array for each chosen column, all of shape (n,), finite.
        n_dropped: Rows left out because a value was missing.
        notes: A sentence for the report that says so, or none.
    """

    values: tuple[np.ndarray, ...]
    n_dropped: int = 0
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """The columns of one file; a column is loaded when it is asked for.

    Attributes:
        source: What to call the file in messages.
        names: The columns' names in order; a name may occur twice.
        load: Gives the column at a position as an array: numbers (NaN where missing), or whatever
            else the file holds, which is refused when it is asked for as numbers.
        units: Units of columns for which the file states them, by name.
    """

    source: str
    names: tuple[str, ...]
    load: Callable[[int], np.ndarray]
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def position(self, name: str) -> int:
        """Where a column is.

        Args:
            name: The column's name, or its position as `c0`, `c1`, … if no column has that name.

        Returns:
            The position, counted from 0.

        Raises:
            UnknownColumn: There is no such column; the message suggests names that are similar.
            FileProblem: Several columns have this name.

        Example:
            >>> table = Table("run.csv", ("time", "voltage"), load=[[0.0], [1.5]].__getitem__)
            >>> table.position("voltage"), table.position("c0")
            (1, 0)
        """
        found = [position for position, own in enumerate(self.names) if own == name]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            choices = ", ".join(f"c{position}" for position in found)
            raise FileProblem(
                f"{self.source} has {len(found)} columns called {name!r}; choose one by its "
                f"position: {choices}."
            )
        by_position = re.fullmatch(r"c(\d{1,9})", name)
        if by_position and int(by_position[1]) < len(self.names):
            return int(by_position[1])
        raise UnknownColumn(
            f"{self.source} has no column {name!r}{self._suggestion(name)}; its columns are "
            f"{_listed(self.names)}."
        )

    def __contains__(self, name: str) -> bool:
        """Whether a column has this name; positions such as `c0` do not count."""
        return name in self.names

    def column(self, name: str) -> np.ndarray:
        """One column as numbers.

        Args:
            name: As for `position`.

        Returns:
            Shape (n,), float64; NaN where a value is missing.

        Raises:
            UnknownColumn: There is no such column.
            FileProblem: The column does not hold real numbers.
        """
        values = np.asarray(self.load(self.position(name)))
        if values.dtype.kind in "fiub" and values.ndim == 1:
            return values.astype(np.float64)
        raise FileProblem(f"Column {name!r} of {self.source} {_why_not_numbers(values)}.")

    def complete(self, names: Sequence[str]) -> Columns:
        """Several columns, with only those rows in which none of them is missing.

        A missing value is an empty cell, NaN, or one of `NA`, `N/A`, `null`, `none`, `-`, `--`.

        Args:
            names: As for `position`.

        Returns:
            The columns in the order of `names`, and how many rows were dropped.

        Raises:
            DataError: No row is complete, or the columns do not exist or hold no numbers.
            ShapeMismatch: The columns have different lengths.
            NotFinite: A value is infinite.
        """
        columns = {name: self.column(name) for name in names}
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise ShapeMismatch(f"Columns of {self.source} differ in length: {said}.")
        for name, column in columns.items():
            if np.isinf(column).any():
                row = int(np.flatnonzero(np.isinf(column))[0]) + 1
                raise NotFinite(
                    f"Column {name!r} of {self.source} has infinite values, the first in data row "
                    f"{row}; remove those rows, or leave their cells empty to have them dropped."
                )
        missing = {name: np.isnan(column) for name, column in columns.items()}
        keep = ~np.logical_or.reduce(list(missing.values()))
        n_dropped = int(np.sum(~keep))
        where = ", ".join(f"{int(m.sum())} in {name}" for name, m in missing.items() if m.any())
        if not keep.any():
            reason = f"values are missing: {where}" if where else "it has no data rows"
            raise DataError(f"{self.source} has no complete row to fit; {reason}.")
        notes = ()
        if n_dropped:
            were = "was" if n_dropped == 1 else "were"
            notes = (f"{n_dropped} of {keep.size} rows {were} dropped: missing values, {where}.",)
        return Columns(tuple(columns[name][keep] for name in names), n_dropped, notes)

    def _suggestion(self, name: str) -> str:
        folded = {own.casefold(): own for own in self.names}
        close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
        inside = [own for own in folded if len(name) > 1 and name.casefold() in own]
        similar = list(dict.fromkeys(folded[own] for own in [*close, *inside]))[:3]
        return f"; did you mean {' or '.join(map(repr, similar))}?" if similar else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    hidden = len(names) - _MOST_NAMES
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def _why_not_numbers(values: np.ndarray) -> str:
    if values.ndim > 1:
        return f"holds arrays of shape {values.shape[1:]}, not one number per row"
    if values.dtype.kind == "c":
        return "holds complex numbers; store the real and imaginary parts as two columns"
    if values.dtype.kind in "mM":
        return "holds dates or times; store numbers, such as seconds since the first row"
    if values.dtype.kind in "US":
        return _why_text(values.astype(str))
    kind = type(values[0]).__name__ if values.dtype.kind == "O" and values.size else values.dtype
    return f"holds values of type {kind}, not numbers"


def _why_text(cells: np.ndarray) -> str:
    """Say which cells are not numbers; a few typing errors differ from a column of words."""
    bad = [row for row, cell in enumerate(cells) if not (is_number(cell) or is_missing(cell))]
    if not bad:
        return "holds numbers stored as text; store them as numbers"
    cell, row = str(cells[bad[0]]), bad[0] + 1
    hint = ""
    if re.fullmatch(r"[+-]?[\d.]*,\d+(e[+-]?\d+)?", cell, re.IGNORECASE):
        hint = "; write numbers with a decimal point and without thousands separators"
    if len(bad) == sum(not is_missing(cell) for cell in cells):
        return f"holds text such as {cell!r}, not numbers{hint}"
    return (
        f"has {len(bad)} cell(s) that are not numbers, the first {cell!r} in data row {row}{hint}"
    )


def is_missing(cell: str) -> bool:
    """Whether a cell of a text file stands for a missing value."""
    return cell.strip().lower() in MISSING


def is_number(cell: str) -> bool:
    """Whether a cell of a text file is a number, NaN not included."""
    try:
        return float(cell) == float(cell)
    except ValueError:
        return False
