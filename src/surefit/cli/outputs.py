"""Where a command's results go: a folder of files, standard output, progress on a terminal."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape

from surefit import __version__
from surefit.exceptions import FileProblem
from surefit.report.files import json_text


def prepare_folder(path: Path | None, names: Sequence[str]) -> None:
    """Make sure that results can be written, before any work is done.

    Args:
        path: The folder, which is created if needed; None if nothing is to be written.
        names: Files that will be written in it.

    Raises:
        FileProblem: It is a file, or cannot be created or written; or a name in it is a folder.
    """
    if path is None:
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileProblem(f"--out {path} is a file; give a folder.") from None
    except OSError as error:
        raise FileProblem(f"--out {path} cannot be created: {error.strerror}.") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise FileProblem(f"--out {path} cannot be written; choose another folder.")
    for name in names:
        if (path / name).is_dir():
            raise FileProblem(f"{path / name} is a folder, where a file would be written; move it.")


def print_result(text: str, view: RenderableType, document: Any, *, as_json: bool) -> None:
    """Print a result on standard output: one JSON document, or something for people.

    Args:
        text: For people, where standard output is no terminal.
        view: The same for a terminal.
        document: The JSON document; NaN becomes null.
        as_json: Whether to print the document.
    """
    if as_json:
        print(json_text(document))
    elif sys.stdout.isatty():
        Console().print(view)
    else:
        print(text)


def tell(message: str) -> None:
    """Say something that is not the result, on standard error."""
    print(message, file=sys.stderr)


def code(text: str) -> str:
    """A name from the user's file as code in a report, where none of its signs are marks.

    Example:
        >>> code("U [`mV`]")
        "`U ['mV']`"
    """
    return "`" + text.replace("`", "'") + "`"


def heading(text: str) -> str:
    """A heading of a report that is made of names: without the signs that would be marks.

    Example:
        >>> heading("U [$mV$] against *t*")
        'U [mV] against t'
    """
    return re.sub(r"[$`*]", "", text)


def footer(source: str) -> str:
    """The last line of a report."""
    return f"Data: {code(source)}. Made by surefit {__version__}."


@contextlib.contextmanager
def progress_on_terminal() -> Iterator[Callable[[str, float], None] | None]:
    """Show what is being done on standard error, if that is a terminal.

    Yields:
        What a fit takes as `progress`; None where nothing is shown.
    """
    if not sys.stderr.isatty():
        yield None
        return
    with Console(stderr=True).status("fitting") as status:
        yield lambda what, value: status.update(f"{escape(what)}: {value:.6g}")
