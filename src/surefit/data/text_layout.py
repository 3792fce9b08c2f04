"""Find out how a text table is laid out: separator, decimal sign, header, units."""

import collections
import csv
import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from surefit.data.table import is_missing, is_number

_SEPARATORS = (",", ";", "\t", "|", " ")  # a space stands for any run of blanks and tabs
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?|[+-]?\d+,")


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    Attributes:
        separator: The character between cells; a space stands for any run of blanks and tabs.
        has_decimal_comma: Whether numbers are written 1,5.
        n_header_lines: Lines before the data, comments and empty lines not counted.
        names: The columns' names; `c0`, `c1`, … where the file gives none.
        units: The units that a second header line gives, by name.
    """

    separator: str
    has_decimal_comma: bool
    n_header_lines: int
    names: tuple[str, ...]
    units: dict[str, str] = dataclasses.field(default_factory=dict)


def split_cells(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Cut lines into stripped cells; quotes protect separators.

    Example:
        >>> list(split_cells(['1;"a;b" ;3'], ";"))
        [['1', 'a;b', '3']]
    """
    if separator == " ":
        lines = (line.replace("\t", " ").strip() for line in lines)
    for row in csv.reader(lines, delimiter=separator, skipinitialspace=True):
        yield [cell.strip() for cell in row]


def find_layout(lines: Sequence[str], comment: str) -> Layout:
    """Find the layout from the first lines of a file.

    Args:
        lines: The first lines that are neither empty nor comments; at least one.
        comment: The comment line just before them, without its sign; it often holds the names.

    Returns:
        The layout under which most cells are numbers and the rows have one length.

    Example:
        >>> find_layout(["t;U", "0,5;1,5", "1,0;2,5"], "")
        Layout(separator=';', has_decimal_comma=True, n_header_lines=1, names=('t', 'U'), units={})
    """
    separator = max(_SEPARATORS, key=lambda candidate: _score(lines, candidate))
    rows = list(split_cells(lines, separator))
    has_decimal_comma = separator != "," and _has_decimal_comma(rows)
    width = _usual_width(rows)
    names, n_header_lines = _header(rows, has_decimal_comma)
    units: dict[str, str] = {}
    if n_header_lines == 1 and _is_units_row(rows, has_decimal_comma):
        n_header_lines = 2
        units = {name: unit.strip("[]()") for name, unit in zip(names, rows[1], strict=False)}
        units = {name: unit for name, unit in units.items() if unit}
    if n_header_lines == 0:
        names = _names_in_comment(comment, separator, width)
    numbered = tuple(name or f"c{position}" for position, name in enumerate(names))
    return Layout(separator, has_decimal_comma, n_header_lines, numbered, units)


def _score(lines: Sequence[str], separator: str) -> tuple[float, ...]:
    """Larger for a separator that cuts the lines into more numbers in more equal rows."""
    rows = list(split_cells(lines, separator))
    width = _usual_width(rows)
    equal = sum(len(row) == width for row in rows) / len(rows)
    cells = [cell for row in (rows[1:] or rows) for cell in row]
    comma = separator != ","
    numeric = sum(_is_numeric(cell, comma) or cell == "" for cell in cells) / max(len(cells), 1)
    return (float(width > 1), equal * numeric, equal, -_SEPARATORS.index(separator))


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    return collections.Counter(len(row) for row in rows).most_common(1)[0][0]


def _is_numeric(cell: str, has_decimal_comma: bool) -> bool:
    if has_decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
        return True
    return is_number(cell) or is_number(re.sub("[dD]", "e", cell))


def _has_decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some numbers have a decimal comma and none a decimal point."""
    cells = [cell for row in rows for cell in row]
    with_point = any("." in cell and is_number(cell) for cell in cells)
    return not with_point and any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)


def _header(rows: Sequence[Sequence[str]], has_decimal_comma: bool) -> tuple[list[str], int]:
    """The names in the first row if it is a header, and 1; else nothing and 0.

    It is one if it has no number at all, or text above a number.
    """
    first = rows[0]
    numeric = [_is_numeric(cell, has_decimal_comma) for cell in first]
    words = [
        not number and not is_missing(cell) for number, cell in zip(numeric, first, strict=True)
    ]
    if not any(words):
        return [], 0
    above_number = any(
        word and any(_is_numeric(row[at], has_decimal_comma) for row in rows[1:4] if len(row) > at)
        for at, word in enumerate(words)
    )
    if any(numeric) and not above_number:
        return [], 0
    names = list(first)
    if len(names) > 1 and not names[-1] and len(names) > _usual_width(rows[1:] or rows):
        names.pop()  # the header ends with a separator, the rows do not
    return names, 1


def _is_units_row(rows: Sequence[Sequence[str]], has_decimal_comma: bool) -> bool:
    """Whether the second row holds words only, and the third has numbers."""
    if len(rows) < 3:
        return False
    second = rows[1]
    words = [cell for cell in second if not is_missing(cell)]
    return (
        bool(words)
        and not any(_is_numeric(cell, has_decimal_comma) for cell in second)
        and any(_is_numeric(cell, has_decimal_comma) for cell in rows[2])
    )


def _names_in_comment(comment: str, separator: str, width: int) -> list[str]:
    """The names in the comment above the data, if it has as many words as there are columns."""
    for candidate in (separator, " "):
        words = next(iter(split_cells([comment], candidate)), []) if comment.strip() else []
        if len(words) == width and all(words) and not any(map(is_number, words)):
            return words
    return [""] * width
