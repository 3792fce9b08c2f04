"""What `surefit lesson` writes and prints."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from surefit import __version__
from surefit.cli.main import ExitCode
from surefit.cli.outputs import prepare_folder, print_result, tell
from surefit.exceptions import InvalidOption
from surefit.lesson.gallery import gallery
from surefit.lesson.report import lesson_page, lesson_table
from surefit.lesson.run import Lesson
from surefit.report.files import write_atomically, write_json
from surefit.report.style import save_figure

FILES = ("report.html", "lesson.json")
_KINDS = ("png",)
_TEXT_WIDTH = 140


def prepare(out: Path) -> None:
    """Make sure that the files can be written, before any work is done.

    Args:
        out: The folder.

    Raises:
        FileProblem: It cannot be created or written.
    """
    prepare_folder(out, FILES)
    prepare_folder(out / "figures", ())


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Say on standard error what is being done: in place on a terminal, else a line for each part.

    Yields:
        What `run_lesson` takes as `report`.
    """
    began = time.perf_counter()
    if sys.stderr.isatty():
        with Console(stderr=True).status("starting") as status:
            yield lambda what: status.update(f"{time.perf_counter() - began:5.1f} s  {what}")
        return

    def line(what: str) -> None:
        if ", try " not in what or ", try 1 of" in what:
            tell(f"{time.perf_counter() - began:5.1f} s  {what.replace(', try 1 of', ', best of')}")

    yield line


def conclude(lesson: Lesson, out: Path, report: Callable[[str], None], *, as_json: bool) -> int:
    """Write the files, print the table, and return the exit code.

    Args:
        lesson: What happened.
        out: The folder to write in.
        report: Told what is being done.
        as_json: Whether to print a JSON document instead of the table.

    Returns:
        The exit code.
    """
    document = write_lesson(lesson, out, report)
    table = lesson_table(lesson)
    text = io.StringIO()
    Console(file=text, width=_TEXT_WIDTH, color_system=None).print(table)
    print_result(text.getvalue().rstrip(), table, document, as_json=as_json)
    tell(f"Wrote {' and '.join(FILES)} and the figures of the report in {out}.")
    return ExitCode.done


def write_lesson(lesson: Lesson, out: Path, report: Callable[[str], None]) -> dict[str, object]:
    """Write figures, report and JSON document.

    Args:
        lesson: What happened.
        out: The folder, which exists, with a folder `figures` in it.
        report: Told what is being done.

    Returns:
        The JSON document, with the names of the files written.

    Raises:
        FileProblem: A file cannot be written.
    """
    report("drawing")
    figures = gallery(lesson)
    written = []
    for name, figure in figures.items():
        for kind in _KINDS:
            save_figure(figure, out / "figures" / f"{name}.{kind}")
            written.append(f"figures/{name}.{kind}")
        figure.set_layout_engine("none")  # it is laid out now; the report need not do it again
    report("writing the report")
    footer = f"Made by surefit {__version__} with `surefit lesson --seed {lesson.seed}`."
    write_atomically(out / "report.html", lesson_page(lesson, figures, footer))
    files = {"out": str(out), "files": [*FILES, *written]}
    document = {"version": __version__, **lesson.document(), **files}
    write_json(out / "lesson.json", document)
    return document


def check_seed(seed: int) -> int:
    """A seed that generators take.

    Raises:
        InvalidOption: It is negative.
    """
    if seed < 0:
        raise InvalidOption(f"--seed is {seed}; give a whole number that is not negative.")
    return seed
