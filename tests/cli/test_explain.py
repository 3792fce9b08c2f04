"""`surefit explain` finds the smallest model of a file."""

import json

import numpy as np
import pytest

from surefit.cli.main import main


@pytest.fixture
def line(tmp_path, rng):
    x = np.linspace(-1.0, 1.0, 50)
    y = 1.0 - 2.0 * x + rng.normal(scale=0.1, size=50)
    np.savetxt(tmp_path / "a.txt", np.stack([x, y], axis=1), header="x y")
    return tmp_path / "a.txt"


def words(path, *more):
    return ["explain", str(path), "--x", "x", "--y", "y", "--yerr", "0.1", *more]


def test_the_smallest_model_is_told_and_files_are_written(line, capsys, tmp_path):
    out = tmp_path / "o"
    assert main(words(line, "--models", "legendre:3", "--out", str(out), "--json")) == 0
    printed, told = capsys.readouterr()
    document = json.loads(printed)
    assert printed.count("\n") == 1
    names = "explain.json, ladder.png, ladder.pdf, fits.png, fits.pdf, report.html"
    assert told == f"Wrote {names} in {out}.\n"
    assert document["best"] == "Line()"
    assert document["is_explained"] is True
    assert document["parameters"]["slope"]["value"] == pytest.approx(-2.0, abs=0.2)
    assert [row["label"] for row in document["rungs"]][:2] == ["Constant()", "Line()"]
    assert (out / "ladder.pdf").read_bytes().startswith(b"%PDF")
    assert "Line()" in (out / "report.html").read_text()
    assert json.loads((out / "explain.json").read_text())["verdict"] == document["verdict"]


def test_a_table_and_a_verdict_are_printed(line, capsys):
    assert main(words(line)) == 0
    out = capsys.readouterr().out
    assert "* Line()" in out
    assert "is the smallest model that explains the data" in out


def test_too_few_points_are_bad_use(tmp_path, capsys):
    np.savetxt(tmp_path / "b.txt", np.arange(10.0).reshape(5, 2), header="x y")
    assert main(["explain", str(tmp_path / "b.txt"), "--x", "x", "--y", "y"]) == 2
    assert "explain needs 8" in capsys.readouterr().err
