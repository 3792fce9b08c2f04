"""What `surefit nist` reads beside the problems, writes and prints."""

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group

from surefit import __version__
from surefit.certification.certify import Certification
from surefit.certification.report import certification_document, certification_table, verdict
from surefit.cli.model_spec import run_file
from surefit.cli.outputs import print_result, tell
from surefit.exceptions import InvalidOption
from surefit.report.files import write_json

_NAMED = re.compile(r"\s*([A-Za-z]\w*)\s*=(?!=)(.*)", re.DOTALL)
_TEXT_WIDTH = 110


def functions_for(data: Path | None, models: Path | None) -> dict[str, Callable[..., Any]]:
    """The functions of a Python file, by name: the one given, or `models.py` beside the data.

    Raises:
        FileProblem: There is no such file.
        InvalidModel: It raises.
    """
    beside = None if data is None else (data if data.is_dir() else data.parent) / "models.py"
    path = models or (beside if beside is not None and beside.is_file() else None)
    if path is None:
        return {}
    return {name: value for name, value in vars(run_file(path)).items() if callable(value)}


def named_formulas(texts: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Formulas by problem, from texts NAME=FORMULA; the name may be missing if there is only one.

    Raises:
        InvalidOption: A name is missing though there are several problems.
    """
    formulas: dict[str, str] = {}
    for text in texts:
        match = _NAMED.match(text)
        if match and (match[1] in names or match[1] != "y"):
            formulas[match[1]] = match[2]
        elif len(names) == 1:
            formulas[names[0]] = text
        else:
            raise InvalidOption(
                f"--formula {text!r} does not say for which problem; write NAME=FORMULA, with a "
                f"name among {', '.join(names)}."
            )
    return formulas


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Say in place, on a terminal, what is being fitted; elsewhere it takes too short a time."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with Console(stderr=True).status("starting") as status:
        yield status.update


def conclude(results: Sequence[Certification], out: Path | None, *, as_json: bool) -> None:
    """Write the file and print the table.

    Args:
        results: What was found.
        out: The folder to write in, or None.
        as_json: Whether to print a JSON document instead of the table.
    """
    document = {"version": __version__, **certification_document(results)}
    if out is not None:
        write_json(out / "nist.json", document)
    view = Group(certification_table(results), *verdict(results))
    text = io.StringIO()
    Console(file=text, width=_TEXT_WIDTH, color_system=None).print(view)
    print_result(text.getvalue().rstrip(), view, document, as_json=as_json)
    if out is not None:
        tell(f"Wrote {out / 'nist.json'}.")
