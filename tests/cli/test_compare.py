"""`surefit compare` ranks models of one file."""

import json

import numpy as np
import pytest

from surefit.cli.main import main


@pytest.fixture
def parabola(tmp_path, rng):
    x = np.linspace(-1.0, 1.0, 50)
    y = 1.0 - 2.0 * x + 1.5 * x**2 + rng.normal(scale=0.1, size=50)
    np.savetxt(tmp_path / "a.txt", np.stack([x, y], axis=1), header="x y")
    return tmp_path / "a.txt"


def words(path, models, *more):
    return ["compare", str(path), "--x", "x", "--y", "y", "--yerr", "0.1", *models, *more]


def test_models_are_ranked_and_files_written(parabola, capsys, tmp_path):
    out = tmp_path / "o"
    models = ["--models", "line,polynomial:2,jacobi:8,0.5,0.5", "--models", "constant"]
    assert main(words(parabola, models, "--out", str(out), "--json", "--folds", "5")) == 0
    printed, told = capsys.readouterr()
    document = json.loads(printed)
    assert printed.count("\n") == 1
    assert told == f"Wrote compare.json, compare.png, compare.pdf, report.html in {out}.\n"
    assert document["best"] == "Polynomial(2)"
    assert [row["model"] for row in document["models"]] == [
        "Polynomial(2)",
        "Jacobi(8, 0.5, 0.5)",
        "Line()",
        "Constant()",
    ]
    best = document["models"][0]
    assert best["cross_validation"]["value"] == pytest.approx(1.0, abs=0.5)
    assert document["models"][2]["left_out"]["difference"] > 50
    assert sum(row["weight"] for row in document["models"]) == pytest.approx(1)
    assert best["aicc"] < document["models"][1]["aicc"]
    assert best["parameters"]["coefficient[2]"]["value"] == pytest.approx(1.5, abs=0.3)
    assert (out / "compare.pdf").read_bytes().startswith(b"%PDF")
    assert "Polynomial(2)" in (out / "report.html").read_text()
    assert json.loads((out / "compare.json").read_text())["verdict"] == document["verdict"]


def test_a_table_and_a_verdict_are_printed(parabola, capsys):
    assert main(words(parabola, ["--models", "line,polynomial:2,polynomial:70"])) == 0
    out = capsys.readouterr().out
    assert "chi2/ndof" in out
    assert out.index("Polynomial(2)") < out.index("Line()") < out.index("Polynomial(70)")
    assert "needs at least 71 distinct x" in " ".join(out.split())


def test_several_inputs_are_compared_without_figures(tmp_path, capsys, rng):
    x = rng.normal(size=(30, 2))
    table = np.column_stack([x, x @ [1.0, 2.0] + rng.normal(scale=0.1, size=30)])
    np.savetxt(tmp_path / "a.txt", table)
    given = ["compare", str(tmp_path / "a.txt"), "--x", "c0", "--x", "c1", "--y", "c2"]
    folder = tmp_path / "o"
    assert main([*given, "--models", "plane,constant", "--out", str(folder)]) == 0
    assert sorted(item.name for item in folder.iterdir()) == ["compare.json", "report.html"]
    assert "Plane()" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (["--models", "line,lime"], "no model 'lime'"),
        (["--models", ""], "The model is empty"),
        (["--models", "polynomial:70"], "needs at least 71"),
        ([], "--models"),
    ],
)
def test_bad_use_exits_with_2(parabola, capsys, models, message):
    assert main(words(parabola, models)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_a_formula_is_a_model_among_others(parabola, capsys):
    models = ["--models", "line", "--models", "a + b*x + c*x**2"]
    assert main(words(parabola, models)) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.index("a + b*x + c*x**2") < out.index("Line()")
    assert "Points left out are predicted better by a + b*x + c*x**2" in out
