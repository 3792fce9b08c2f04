"""Two directives that run what a page shows, so that the page cannot promise what does not work.

`{run}` holds Python and `{terminal}` holds commands that begin with `$`. The code is shown, and
below it what it prints and draws. The blocks of a page share their names and an empty working
folder; `PAGE` is the path of the page, and commands find the scripts in `$EXAMPLES`. Whatever goes
wrong, a warning too, fails the build.
"""

import ast
import contextlib
import io
import logging
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

os.environ.setdefault("MPLBACKEND", "agg")  # figures are saved, never shown in a window

PICTURES = Path(__file__).parent / "pictures"
EXAMPLES = Path(__file__).parents[1] / "examples"
_LONGEST = 300  # seconds a command may take


class Run(SphinxDirective):
    """Run Python; the value of a last line that is an expression is shown as in a notebook.

    Options: `alt` describes the picture, `hidden` shows the result only, `fails` expects an error
    of surefit and shows its message.
    """

    has_content = True
    option_spec: ClassVar[Any] = {
        "alt": directives.unchanged,
        "hidden": directives.flag,
        "fails": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Show the code and what came out of it."""
        code = "\n".join(self.content)
        shown: list[nodes.Node] = [] if "hidden" in self.options else [_block(code, "python")]
        if not _is_executing(self.env):
            return shown
        page = {"__name__": "__main__", "PAGE": str(self.env.doc2path(self.env.docname))}
        names: Any = self.env.temp_data.setdefault("executed", page)
        printed = io.StringIO()
        with contextlib.chdir(_folder(self.env)), contextlib.redirect_stdout(printed):
            value, failure = _execute(code, names)
        if (failure is None) == ("fails" in self.options):
            raise self.error(f"the block {f'failed: {failure!r}' if failure else 'did not fail'}")
        if failure is not None:
            print(f"{type(failure).__name__}: {failure}", file=printed)
        elif value is not None and not isinstance(value, Figure):
            print(repr(value), file=printed)
        if printed.getvalue():
            shown.append(_block(printed.getvalue().rstrip(), "text"))
        if isinstance(value, Figure):
            path = _picture_path(self.env)
            value.savefig(path, dpi=130)
            shown.append(_picture(path, self.options.get("alt", "")))
        return shown


class Terminal(SphinxDirective):
    """Run commands.

    Options: `code` is the exit code expected of the last, `picture` a file that they make, and
    `alt` its description.
    """

    has_content = True
    option_spec: ClassVar[Any] = {
        "alt": directives.unchanged,
        "code": directives.nonnegative_int,
        "picture": directives.path,
    }

    def run(self) -> list[nodes.Node]:
        """Show the commands, each with what it printed."""
        text = "\n".join(self.content).replace("\\\n", "")
        commands = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
        if not _is_executing(self.env):
            return [_block("\n".join(self.content), "console")]
        folder, transcript, code = _folder(self.env), [], 0
        for command, lines in zip(commands, _with_continuations(self.content), strict=True):
            printed, code = _call(command, folder)
            transcript += [*lines, printed.rstrip()] if printed else lines
        if code != self.options.get("code", 0):
            raise self.error(f"exit code {code} after\n{transcript}")
        shown: list[nodes.Node] = [_block("\n".join(transcript), "console")]
        if "picture" in self.options:
            path = _picture_path(self.env)
            shutil.copyfile(folder / self.options["picture"], path)
            shown.append(_picture(path, self.options.get("alt", "")))
        return shown


def _execute(code: str, names: dict[str, Any]) -> tuple[Any, Exception | None]:
    """Run code; the value of its last expression, or what it raised."""
    tree, last = ast.parse(code), None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)  # pyright: ignore[reportAttributeAccessIssue]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            exec(compile(tree, "<page>", "exec"), names)
            value = None if last is None else eval(compile(last, "<page>", "eval"), names)
        except Exception as error:
            return None, error
    return value, None


def _call(command: str, folder: Path) -> tuple[str, int]:
    """Run a command of this Python's environment; what it printed, and its exit code."""
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment | {"COLUMNS": "88", "EXAMPLES": str(EXAMPLES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    return done.stdout, done.returncode


def _with_continuations(lines: Any) -> list[list[str]]:
    """The lines of each command."""
    commands: list[list[str]] = []
    for line in lines:
        if line.startswith("$ "):
            commands.append([line])
        elif line.strip():
            commands[-1].append(line)
    return commands


def _is_executing(env: Any) -> bool:
    """The doctest builder reads the pages too; running them once, for the HTML, is enough."""
    return env.app.builder.name != "doctest"


def _folder(env: Any) -> Path:
    """The page's working folder, empty at its first block."""
    if "executed_folder" not in env.temp_data:
        folder = Path(env.doctreedir) / "executed" / env.docname
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        env.temp_data["executed_folder"] = folder
    return env.temp_data["executed_folder"]


def _picture_path(env: Any) -> Path:
    """A new file for a picture of this page."""
    number = env.temp_data["executed_pictures"] = env.temp_data.get("executed_pictures", 0) + 1
    PICTURES.mkdir(exist_ok=True)
    return PICTURES / f"{env.docname.replace('/', '-')}-{number}.png"


def _picture(path: Path, alt: str) -> nodes.image:
    return nodes.image(uri=f"/pictures/{path.name}", alt=alt)


def _block(text: str, language: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = language
    if language == "text":
        block["classes"].append("output")
    return block


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives; pages are read one after the other, as they change the folder."""
    logging.getLogger("jax").setLevel(logging.WARNING)  # or it tells of devices that it lacks
    app.add_directive("run", Run)
    app.add_directive("terminal", Terminal)
    return {"parallel_read_safe": False}
