"""Tables in text files: CSV, TSV, blanks, semicolons with decimal commas; compressed or not."""

import bz2
import codecs
import csv
import gzip
import itertools
import lzma
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import numpy as np

from surefit.data.table import Table, is_missing
from surefit.data.text_layout import Layout, find_layout, split_cells
from surefit.exceptions import FileProblem

_SAMPLE = 200  # lines from which the layout is found
_COMMENT_SIGNS = ("#", "%")
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class _Lines:
    """The lines of a text file that hold cells, without comments and empty lines.

    Attributes:
        number: Number of the current line in the file, counted from 1.
        comment: The last comment before the first of these lines, without its sign.
    """

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.number = 0
        self.comment = ""

    def __iter__(self) -> Iterator[str]:
        is_before_first = True
        for line in self.text:
            self.number += 1
            start = line.lstrip()
            if not start:
                continue
            if start.startswith(_COMMENT_SIGNS):
                if is_before_first:
                    self.comment = start.lstrip("#% \t").rstrip()
                continue
            is_before_first = False
            if "#" in line and '"' not in line:
                line = re.sub(r"\s#.*", "", line)
            yield line.rstrip("\r\n")


def read_text(path: Path) -> Table:
    """Read a text table; its layout is found out.

    Cells may be separated by commas, semicolons, tabs, bars or blanks, and quoted. Lines that start
    with `#` or `%` are comments. The first line may hold names, the second units. Numbers may have
    a decimal comma where that is unambiguous, and exponents as Fortran writes them (1.5D+03).

    Args:
        path: The file, plain or packed by gzip, bzip2 or xz; UTF-8, UTF-16 or Windows-1252.

    Returns:
        The table; columns that are not numbers are kept as text.

    Raises:
        FileProblem: Empty, not text, or rows of different lengths (with the line's number).
    """
    try:
        encoding = _encoding(path)
        with _open_text(path, encoding) as text:
            lines = _Lines(text)
            sample = list(itertools.islice(iter(lines), _SAMPLE))
        if not sample:
            raise FileProblem(f"{path} has no data: it is empty or holds only comments.")
        layout = find_layout(sample, lines.comment)
        columns = _read_numbers(path, encoding, layout) or _read_cells(path, encoding, layout)
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise FileProblem(f"{path} is a broken compressed file: {error}.") from None
    except (UnicodeError, csv.Error) as error:
        raise FileProblem(f"{path} is not a text table: {error}.") from None
    return Table(str(path), layout.names, columns.__getitem__, layout.units)


def _read_numbers(path: Path, encoding: str, layout: Layout) -> list[np.ndarray] | None:
    """Read a table that has nothing but numbers, fast; None if it is not one."""
    if layout.has_decimal_comma:
        return None
    with _open_text(path, encoding) as text:
        body = itertools.islice(iter(_Lines(text)), layout.n_header_lines, None)
        first = next(body, None)
        if first is None:
            return None  # loadtxt would warn
        try:
            table = np.loadtxt(
                itertools.chain([first], body),
                delimiter=None if layout.separator == " " else layout.separator,
                comments=None,
                quotechar='"',
                ndmin=2,
            )
        except ValueError:
            return None
    return list(table.T) if table.shape[1] == len(layout.names) else None


def _read_cells(path: Path, encoding: str, layout: Layout) -> list[np.ndarray]:
    """Read any table, cell by cell."""
    width = len(layout.names)
    rows = []
    with _open_text(path, encoding) as text:
        lines = _Lines(text)
        cells = split_cells(iter(lines), layout.separator)
        for row in itertools.islice(cells, layout.n_header_lines, None):
            while len(row) > width and not row[-1]:
                row.pop()  # separators at the end of the line
            if len(row) != width and any(row):
                raise FileProblem(
                    f"{path}, line {lines.number}: {len(row)} cell(s), but there are {width} "
                    f"columns ({', '.join(layout.names[:8])}{', …' if width > 8 else ''}); "
                    "complete the line, or put # in front of it if it is not data."
                )
            if any(row):
                rows.append(row)
    if not rows:
        raise FileProblem(f"{path} has column names but no data rows.")
    columns = zip(*rows, strict=True)
    return [_as_numbers(column, layout.has_decimal_comma) for column in columns]


def _as_numbers(cells: tuple[str, ...], has_decimal_comma: bool) -> np.ndarray:
    """A column as float64 if all its cells are numbers or missing, otherwise as text."""
    try:
        return np.array([_as_number(cell, has_decimal_comma) for cell in cells])
    except ValueError:
        return np.array(cells, dtype=str)


def _as_number(cell: str, has_decimal_comma: bool) -> float:
    try:
        return float(cell)
    except ValueError:
        if is_missing(cell):
            return math.nan
        plain = cell.replace(",", ".") if has_decimal_comma else cell
        # Fortran writes double precision exponents with a D.
        return float(re.sub(r"(?<=[\d.])[dD](?=[+-]?\d)", "e", plain))


def _opener(path: Path):
    with path.open("rb") as file:
        start = file.read(8)
    return next((opener for magic, opener in _PACKED.items() if start.startswith(magic)), open)


def _open_text(path: Path, encoding: str) -> TextIO:
    return cast(TextIO, _opener(path)(path, "rt", encoding=encoding))


def _encoding(path: Path) -> str:
    """The encoding of a file; refuses what is not text."""
    with cast(BinaryIO, _opener(path)(path, "rb")) as file:
        start = file.read(1 << 16)
        for mark, encoding in _BYTE_ORDER_MARKS.items():
            if start.startswith(mark):
                return encoding
        if b"\0" in start:
            raise FileProblem(
                f"{path} is not a text table: it holds binary data of an unknown kind. surefit "
                "reads CSV and other text tables, NPY, NPZ, Parquet and ROOT."
            )
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = file.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"  # what Windows programs write for µ and °
    return "utf-8"
