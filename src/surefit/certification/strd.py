"""Read the files of NIST's nonlinear regression suite, as they are published.

Source: NIST/ITL Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/. Each file
carries its model, two starts, certified values and the data, at lines that its header names.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np

from surefit.exceptions import FileProblem

_SECTION = re.compile(r"(Starting Values|Certified Values|Data)\s*\(lines\s*(\d+)\s*to\s*(\d+)\)")
_PARAMETER = re.compile(r"^\s*(b\d+)\s*=\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$")
_SUM = re.compile(r"^\s*Residual Sum of Squares:\s*(\S+)", re.MULTILINE)
_NAME = re.compile(r"^\s*Dataset Name:\s*(\S+)", re.MULTILINE)
_LEVEL = re.compile(r"^.*?(\w+) Level of Difficulty", re.MULTILINE)
_MODEL = re.compile(r"^Model:.*?\n(.*?)^\s*Start", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_COLUMNS = re.compile(r"^\s*Data:\s*(y(?:\s+\w+)+)\s*$")


@dataclasses.dataclass(frozen=True, eq=False)
class CertifiedProblem:
    """One problem, with the answers that NIST certifies to 11 digits.

    Attributes:
        name: The data set's name.
        level: Difficulty as NIST sees it: lower, average or higher.
        statement: The model as the file prints it: one or more lines `name = formula`.
        inputs: Names of the predictors.
        x: Predictors, shape (n,), or (n, d) for several.
        y: Responses, shape (n,).
        names: The parameters, b1, b2, …
        starts: NIST's two starting points, shape (2, p).
        values: Certified values, shape (p,).
        errors: Certified standard deviations, shape (p,).
        rss: Certified residual sum of squares.
    """

    name: str
    level: str
    statement: str
    inputs: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    starts: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    rss: float


def read_problem(path: Path) -> CertifiedProblem:
    """Read one file.

    Args:
        path: A file in the format of NIST's nonlinear regression suite.

    Returns:
        The problem.

    Raises:
        FileProblem: It cannot be read, or something in it is missing; the message says what.
    """
    try:
        text = path.read_text("latin-1")
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror}.") from None
    lines = text.splitlines()
    sections = {kind: (int(first), int(last)) for kind, first, last in _SECTION.findall(text)}
    for kind in ("Certified Values", "Data"):
        if kind not in sections:
            raise FileProblem(
                f"{path} does not say at which lines its {kind.lower()} stand, as NIST's files do "
                f"in their header: '{kind} (lines 41 to 50)'."
            )
    certified = _section(lines, sections["Certified Values"])
    parameters = [match.groups() for line in certified if (match := _PARAMETER.match(line))]
    if not parameters:
        raise FileProblem(
            f"{path} has no line 'b1 = start1 start2 value error' among its certified values."
        )
    table = np.array([[_number(entry, path) for entry in row[1:]] for row in parameters])
    data, inputs = _data(lines, sections["Data"], path)
    return CertifiedProblem(
        name=_found(_NAME, text, "data set's name", path),
        level=(match[1].lower() if (match := _LEVEL.search(text)) else "unknown"),
        statement=_found(_MODEL, text, "model", path),
        inputs=inputs,
        x=data[:, 1] if len(inputs) == 1 else data[:, 1:],
        y=data[:, 0],
        names=tuple(row[0] for row in parameters),
        starts=table[:, :2].T,
        values=table[:, 2],
        errors=table[:, 3],
        rss=_number(_found(_SUM, text, "residual sum of squares", path), path),
    )


def read_problems(folder: Path) -> list[CertifiedProblem]:
    """Read all files `*.dat` of a folder, in alphabetical order.

    Args:
        folder: The folder.

    Returns:
        The problems.

    Raises:
        FileProblem: There is no such folder, no such file in it, or one that cannot be read.
    """
    if not folder.is_dir():
        raise FileProblem(f"There is no folder {folder}; give one with NIST's *.dat files.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".dat")
    if not files:
        raise FileProblem(f"{folder} has no file *.dat; give a folder with NIST's files.")
    return [read_problem(path) for path in files]


def _section(lines: list[str], section: tuple[int, int]) -> list[str]:
    first, last = section
    return lines[first - 1 : last]


def _data(lines: list[str], section: tuple[int, int], path: Path):
    """The table, response first, and the names of the predictors from the heading above it."""
    headings = [match for line in lines[: section[0]] if (match := _COLUMNS.match(line))]
    if not headings:
        raise FileProblem(f"{path} has no heading 'Data:  y  x' above its numbers.")
    columns = headings[-1][1].split()
    rows = [line.split() for line in _section(lines, section) if line.strip()]
    for row in rows:
        if len(row) != len(columns):
            raise FileProblem(
                f"{path} has {len(row)} numbers in the data line '{' '.join(row)}', but its "
                f"heading names {len(columns)} columns."
            )
    if not rows:
        raise FileProblem(f"{path} has no data at the lines that its header names.")
    return np.array([[_number(entry, path) for entry in row] for row in rows]), tuple(columns[1:])


def _number(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise FileProblem(f"{path} has {text!r} where a number is needed.") from None


def _found(pattern: re.Pattern[str], text: str, what: str, path: Path) -> str:
    match = pattern.search(text)
    if match is None:
        raise FileProblem(f"{path} has no {what} where NIST's files have it.")
    return match[1]
