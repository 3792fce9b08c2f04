"""`surefit fit` on files as people have them."""

import json
import re
import sys

import numpy as np
import pytest

import surefit as sf
from surefit.cli.fit_files import FILES
from surefit.cli.main import main


@pytest.fixture
def line(tmp_path, rng):
    """A CSV file of a line with known coefficients, one cell missing."""
    t = np.linspace(0.0, 10.0, 40)
    u = 1.0 + 2.0 * t + rng.normal(scale=0.1, size=40)
    rows = [f"{a!r},{b!r},0.1,{-a!r}" for a, b in zip(t.tolist(), u.tolist(), strict=True)]
    rows[3] = "0.5,,0.1,0"
    path = tmp_path / "run.csv"
    path.write_text("time [s],U,sigma,other\n" + "\n".join(rows) + "\n")
    keep = np.arange(40) != 3
    return path, t[keep], u[keep]


def words(path, *more, model="line"):
    return ["fit", str(path), "--x", "time [s]", "--y", "U", "--model", model, *more]


def test_the_result_is_printed_and_agrees_with_numpy(line, capsys):
    path, t, u = line
    assert main(words(path, "--yerr", "sigma", "--json")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    document = json.loads(out)
    slope, intercept = np.polyfit(t, u, 1)
    covariance = np.linalg.inv(np.stack([t**0, t]) @ np.stack([t**0, t]).T / 0.1**2)
    assert document["parameters"]["slope"]["value"] == pytest.approx(slope, rel=1e-9)
    assert document["parameters"]["intercept"]["value"] == pytest.approx(intercept, rel=1e-9)
    np.testing.assert_allclose(document["covariance"], covariance, rtol=1e-9)
    assert document["free"] == ["intercept", "slope"]
    assert document["ndof"] == 37
    assert document["n_dropped"] == 1
    assert document["notes"] == ["1 of 40 rows was dropped: missing values, 1 in U."]
    assert document["valid"] is True


def test_toys_check_the_coverage(line, capsys):
    path, _, _ = line
    assert main(words(path, "--yerr", "sigma", "--toys", "100", "--json")) == 0
    coverage = json.loads(capsys.readouterr().out)["coverage"]
    assert coverage["toys"] == 100
    assert 0.5 < coverage["parameters"]["slope"]["symmetric"][0]["share"] < 0.85
    assert main(words(path, "--yerr", "sigma", "--toys", "100")) == 0
    assert "Coverage of Line() in 100 toys" in capsys.readouterr().out


def test_without_errors_chi2_is_null_and_people_are_told(line, capsys):
    path, _, _ = line
    assert main(words(path, "--json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["chi2"] is None
    assert document["errors_estimated"] is True
    assert main(words(path)) == 0
    out = capsys.readouterr().out
    assert re.search(r"slope +[\d.]+ ± 0\.0\d+", out)
    assert "1 of 40 rows was dropped" in out


def test_files_are_written_and_can_be_read_back(line, capsys, tmp_path):
    path, t, u = line
    folder = tmp_path / "deep" / "folder"
    assert main(words(path, "--yerr", "0.1", "--out", str(folder), "--title", "A $t$ <b>")) == 0
    _, err = capsys.readouterr()
    assert err == f"Wrote fit.json, fit.png, fit.pdf, report.html in {folder}.\n"
    assert sorted(item.name for item in folder.iterdir()) == sorted(FILES)
    assert (folder / "fit.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "fit.pdf").read_bytes().startswith(b"%PDF")
    page = (folder / "report.html").read_text()
    assert "<title>U against time [s]</title>" in page
    assert "http://" not in re.sub(r'src="data:[^"]*"', "", page)
    loaded = sf.load(folder / "fit.json")
    np.testing.assert_allclose(loaded.predict(t), np.polyval(np.polyfit(t, u, 1), t), rtol=1e-9)
    assert main(words(path, "--out", str(folder), "--json")) == 0  # files are replaced


def test_a_formula_fits_from_nowhere_with_bounds_and_fixed_parameters(tmp_path, capsys, rng):
    t = np.linspace(0.0, 5.0, 60)
    u = 3.0 * np.exp(-t / 1.5) + 0.5 + rng.normal(scale=0.01, size=60)
    np.savetxt(tmp_path / "a.txt", np.stack([t, u], axis=1))
    words = ["fit", str(tmp_path / "a.txt"), "--x", "c0", "--y", "c1", "--yerr", "0.01", "--json"]
    formula = ["--model", "a*exp(-c0/tau) + c"]
    assert main([*words, *formula, "--bounds", "tau=0:", "--start", "tau=1", "--fix", "c=0.5"]) == 0
    parameters = json.loads(capsys.readouterr().out)["parameters"]
    assert parameters["tau"]["value"] == pytest.approx(1.5, abs=0.02)
    assert parameters["c"] == {"value": 0.5, "error": 0.0, "note": "fixed"}


def test_several_inputs_are_drawn_as_measured_against_predicted(tmp_path, capsys, rng):
    x = rng.normal(size=(30, 2))
    table = np.column_stack([x, 1.0 + x @ [2.0, -3.0], np.full(30, 0.1)])
    np.savez(tmp_path / "a.npz", x=x, z=table[:, 2])
    words = ["fit", str(tmp_path / "a.npz"), "--x", "x[0]", "--x", "x[1]", "--y", "z", "--json"]
    assert main([*words, "--yerr", "0.1", "--model", "plane", "--out", str(tmp_path / "o")]) == 0
    document = json.loads(capsys.readouterr().out)
    values = [row["value"] for row in document["parameters"].values()]
    np.testing.assert_allclose(sorted(values), [-3.0, 1.0, 2.0], rtol=1e-9)
    assert (tmp_path / "o" / "fit.png").exists()


def test_parameters_that_the_data_do_not_determine_exit_with_1(tmp_path, capsys):
    np.savetxt(tmp_path / "a.txt", np.stack([np.arange(9.0), np.arange(9.0)], axis=1))
    words = ["fit", str(tmp_path / "a.txt"), "--x", "c0", "--y", "c1", "--yerr", "1"]
    assert main([*words, "--model", "(a + b)*x", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["valid"] is False
    assert document["advice"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--x": "time"}, r"no column 'time'; did you mean 'time \[s\]'"),
        ({"--yerr": "sigm"}, "--yerr takes a column or a number. .*did you mean 'sigma'"),
        ({"--yerr": "-1"}, "--yerr is -1; one standard deviation must be a positive number"),
        ({"--yerr": "other"}, "not positive finite numbers"),
        ({"--model": "lime"}, "no model 'lime'; did you mean line"),
        ({"--model": "a*x^2"}, r"\^ is not a power; write \*\* instead"),
        ({"--model": "polynomial:60"}, "needs at least 61 distinct x"),
        ({"--minimizer": "newton"}, "There is no minimizer 'newton'"),
        ({"--start": "slope"}, "write --start name=value"),
        ({"--start": "slop=1"}, "slop"),
        ({"--bounds": "slope=2:1"}, "slope"),
        ({"--log-x": None}, "log_x needs positive x"),
        ({"--seed": "one"}, "Invalid value"),
    ],
)
def test_bad_use_exits_with_2_and_says_what_to_do(line, capsys, tmp_path, changes, message):
    path, _, _ = line
    options = {"--x": "time [s]", "--y": "U", "--yerr": "0.1", "--model": "line"} | changes
    given = [word for pair in options.items() for word in pair if word is not None]
    given += ["--out", str(tmp_path / "o")] if "--log-x" in changes else []
    assert main(["fit", str(path), *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(message, err)
    assert "Traceback" not in err


def test_the_output_folder_is_checked_before_any_work(line, capsys, tmp_path):
    path, _, _ = line
    assert main(words(path, "--out", str(path))) == 2
    assert "is a file; give a folder" in capsys.readouterr().err
    (tmp_path / "o" / "fit.png").mkdir(parents=True)
    assert main(words(path, "--out", str(tmp_path / "o"))) == 2
    assert "is a folder, where a file would be written" in capsys.readouterr().err
    assert main(words(tmp_path / "nothing.csv")) == 2
    assert "There is no file" in capsys.readouterr().err
    assert main(["fit", str(path), "--y", "U", "--model", "line"]) == 2
    assert "--x" in capsys.readouterr().err


def test_help_needs_no_heavy_imports():
    import subprocess

    for command in ("fit", "compare"):
        program = (
            "import sys; from surefit.cli.main import main;"
            f"assert main(['{command}', '--help']) == 0;"
            "assert not {'jax', 'matplotlib', 'numpy', 'sklearn'} & set(sys.modules), 'heavy'"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr


def test_ties_order_and_constraints_reach_the_fit(line, capsys):
    path, _, _ = line
    more = ("--ties", "c=a/2", "--constraint", "b=2:0.001", "--order", "a,b", "--fixed", "d=0")
    assert main(words(path, "--yerr", "sigma", "--json", *more, model="a + b*x + c + d")) == 0
    parameters = json.loads(capsys.readouterr().out)["parameters"]
    assert parameters["b"]["value"] == pytest.approx(2, abs=0.003)
    assert parameters["c"]["value"] == pytest.approx(parameters["a"]["value"] / 2)
    assert parameters["c"]["note"] == "tied: a/2"
    assert main(words(path, "--ties", "a=q", model="a + b*x")) == 2
    assert "names 'q', which is not a parameter" in capsys.readouterr().err
