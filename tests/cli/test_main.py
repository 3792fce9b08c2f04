"""The door: whatever goes wrong becomes one sentence and the promised exit code."""

import errno
import os
import subprocess
import sys

import pytest

import surefit
from surefit.cli.main import guarded, main


def raising(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (surefit.ShapeMismatch("y has 3 points."), 2, "surefit: y has 3 points.\n"),
        (OSError(errno.ENOENT, os.strerror(errno.ENOENT), "a.csv"), 2, "'a.csv'\n"),
        (KeyboardInterrupt(), 130, "surefit: interrupted.\n"),
        (ValueError("odd."), 70, "surefit: internal error, ValueError: odd. Add --debug"),
        (MemoryError(), 70, "surefit: internal error, MemoryError"),
    ],
)
def test_an_exception_becomes_one_sentence_and_an_exit_code(error, code, sentence, capsys):
    assert guarded(raising(error)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_debug_adds_the_traceback(capsys):
    assert guarded(raising(ValueError("odd")), debug=True) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1)])
def test_a_command_chooses_its_exit_code(returned, code):
    assert guarded(lambda: returned) == code


@pytest.mark.parametrize("words", [["--no-such-option"], ["no-such-command"]])
def test_wrong_words_exit_with_2_and_leave_standard_output_empty(words, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words[0] in err


def test_debug_is_accepted_by_every_command_and_version_is_one_line(capsys):
    assert main(["--version", "--debug"]) == 0
    assert capsys.readouterr().out == f"{surefit.__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
def test_a_reader_that_leaves_early_causes_no_noise():
    program = (
        "import sys; from surefit.cli.main import guarded;"
        "sys.exit(guarded(lambda: print('x' * 10_000_000)))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 141
