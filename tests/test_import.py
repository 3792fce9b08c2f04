"""Start-up: names are found on first use, and nothing heavy is imported before it is needed."""

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

import surefit
from surefit.cli.main import app

HEAVY = {
    "awkward", "equinox", "iminuit", "jax", "jaxlib", "matplotlib", "numpy",
    "optax", "pandas", "pyarrow", "scipy", "sklearn", "uproot",
}  # fmt: skip
PUBLIC = [name for name in surefit.__all__ if name != "__version__"]


def modules_after(statement: str) -> set[str]:
    """Run a statement in a fresh interpreter and list the modules it left loaded."""
    code = (
        f"import contextlib, os, sys\nwith contextlib.redirect_stdout(open(os.devnull, 'w')):\n"
        f"    {statement}\nprint(' '.join(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import surefit",
        "import surefit; dir(surefit); surefit.SurefitError",
        "from surefit.cli.main import main; assert main(['--help']) == 0",
        "from surefit.cli.main import main; assert main(['--version']) == 0",
    ],
)
def test_start_up_imports_nothing_heavy(statement):
    assert not modules_after(statement) & HEAVY


def test_what_a_fit_imports_is_no_part_of_scipy_or_jax_that_takes_longer_than_the_fit():
    loaded = modules_after("import surefit; surefit.fit")
    assert not loaded & {"scipy.linalg", "scipy.optimize", "scipy.special", "scipy.stats"}
    assert "jax.extend" not in loaded
    assert "jax" in loaded


def test_help_answers_faster_than_a_second_on_any_machine():
    # The budget is 0.3 s beyond bare Python on an idle machine; this only catches a lost laziness.
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "surefit", "--help"], capture_output=True, check=True)
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_found_and_is_that_object(name):
    value = getattr(surefit, name)
    assert getattr(value, "__name__", name) == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = surefit.nonsense


def test_the_stub_tells_type_checkers_the_same_names_from_the_same_modules():
    stub = Path(surefit.__file__).with_suffix(".pyi")
    listed = {
        alias.asname: node.module
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    missing = [
        f"from surefit.{surefit._MODULES[name]} import {name} as {name}"
        for name in PUBLIC
        if listed.pop(name, None) != f"surefit.{surefit._MODULES[name]}"
    ]
    assert not missing, "add these lines to src/surefit/__init__.pyi:\n" + "\n".join(missing)
    assert not listed, f"not public, remove from src/surefit/__init__.pyi: {listed}"


@pytest.mark.parametrize("command", [name for name in app if not name.startswith("-")])
def test_every_command_that_help_lists_exists_and_explains_itself(command, capsys):
    from surefit.cli.main import main

    assert main([command, "--help"]) == 0
    assert "Usage: surefit " + command in capsys.readouterr().out
