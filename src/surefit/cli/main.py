"""The `surefit` command: what it offers, and the door where every exception is caught.

Commands are named by import strings, so that help and version need neither NumPy nor JAX.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from enum import IntEnum

from cyclopts import App, CycloptsError, Parameter

from surefit import __version__
from surefit.exceptions import SurefitError

app = App(
    name="surefit",
    help="Fit anything, from a line to a neural network: no starting values, honest errors.",
    help_epilogue="Any command also takes --debug, which shows the traceback of an error.",
    version=__version__,
    default_parameter=Parameter(negative=()),  # --json needs no --no-json
    help_format="plaintext",  # markdown would cost 0.1 s of imports
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
app.command("surefit.cli.lesson:lesson", help="Run the course's first lesson, attempt by attempt.")
app.command("surefit.cli.fit:fit", help="Fit one model to the columns of a file.")
app.command("surefit.cli.compare:compare", help="Fit several models to one data set and rank them.")
app.command("surefit.cli.explain:explain", help="Find the smallest model that explains a data set.")
app.command("surefit.cli.nist:nist", help="Certify the fits with NIST's reference problems.")


class ExitCode(IntEnum):
    """What the shell is told; commands add their own meaning to 1."""

    done = 0
    not_trustworthy = 1
    bad_use = 2
    internal_error = 70
    interrupted = 130
    broken_pipe = 141


def main(tokens: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        tokens: The words after `surefit`. The default is the process's own arguments.

    Returns:
        The exit code, see `ExitCode`.
    """
    words = list(sys.argv[1:] if tokens is None else tokens)
    debug = "--debug" in words
    if debug:
        words.remove("--debug")
    return guarded(lambda: app(words, exit_on_error=False), debug=debug)


def guarded(run: Callable[[], int | None], *, debug: bool = False) -> int:
    """Turn whatever `run` raises into one sentence on standard error and an exit code.

    Args:
        run: The command, without arguments. It returns an exit code, or None for success.
        debug: Whether the traceback is printed too.

    Returns:
        The exit code, see `ExitCode`.

    Example:
        >>> int(guarded(lambda: None))
        0
    """
    try:
        code = run()
        sys.stdout.flush()  # a closed pipe must be noticed here, not while the interpreter exits
        return ExitCode.done if code is None else code
    except CycloptsError as error:  # already printed, with the usage
        return _report(None, error, ExitCode.bad_use, debug)
    except SurefitError as error:
        return _report(str(error), error, ExitCode.bad_use, debug)
    except KeyboardInterrupt as error:
        return _report("interrupted.", error, ExitCode.interrupted, debug)
    except BrokenPipeError as error:
        # The reader left (`surefit … | head`): nothing to say, and nobody to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _report(None, error, ExitCode.broken_pipe, debug)
    except OSError as error:  # a missing file, a folder that cannot be written, a full disk
        return _report(str(error), error, ExitCode.bad_use, debug)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}".rstrip(".")
        sentence = f"internal error, {cause}. Add --debug to the command to see the traceback."
        return _report(sentence, error, ExitCode.internal_error, debug)


def _report(sentence: str | None, error: BaseException, code: ExitCode, debug: bool) -> ExitCode:
    if debug:
        traceback.print_exception(error)
    if sentence is not None:
        print(f"surefit: {sentence}", file=sys.stderr)
    return code
