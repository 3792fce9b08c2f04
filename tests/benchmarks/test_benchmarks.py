"""The benchmark command works; what it measures is not judged here."""

import json

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.record import Row, markdown
from benchmarks.scaling import exponent
from benchmarks.start_free import time_to_reach
from benchmarks.timing import alternate


def test_the_command_writes_a_document_and_a_table(tmp_path, capsys):
    assert main(["--quick", "--only", "linear", "--out", str(tmp_path)]) == 0
    document = json.loads((tmp_path / "benchmarks.json").read_text())
    tools = {row["tool"] for row in document["rows"]}
    assert {"surefit", "numpy polyfit", "scikit-learn"} <= tools
    assert document["environment"]["numpy"] == np.__version__
    assert (tmp_path / "benchmarks.md").read_text() in capsys.readouterr().out


def test_tasks_are_run_in_turns_after_a_warm_up():
    order = []
    timings = alternate({"a": lambda i: order.append(("a", i)), "b": lambda i: order.append(i)}, 2)
    assert order == [("a", -1), -1, ("a", 0), 0, ("a", 1), 1]
    assert timings["a"].wall >= 0


def test_the_exponent_leaves_out_sizes_where_overhead_rules():
    size = np.array([1, 10, 100, 1000, 10_000])
    assert exponent(size, np.maximum(size**2 * 1e-6, 1e-3)).startswith("exponent 2.00 ± 0.00")


def test_an_unknown_group_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "nonsense"])
    assert "invalid choice" in capsys.readouterr().err


def test_a_missing_time_is_an_empty_cell():
    assert "| nlsq |  |  |  |  | needs Python 3.12 |" in markdown(
        [Row("g", "c", "nlsq", note="needs Python 3.12")], {}
    )


def test_failures_are_accounted_for_by_repeating():
    assert time_to_reach(2.0, 1.0) == 2.0
    assert time_to_reach(2.0, 0.0) is None
    # One half each time: log(0.05) / log(0.5) = 4.32 runs are needed.
    assert time_to_reach(1.0, 0.5) == pytest.approx(np.log(0.05) / np.log(0.5))
    assert time_to_reach(1.0, 0.99) == 1.0  # once is enough, and half a run is none
