"""Problems of all the kinds that NIST certifies, with other data: read, and fitted."""

import numpy as np
import pytest

from benchmarks.certified.kinds import KINDS
from benchmarks.certified.reference import problem_of
from benchmarks.certified.run import SEEDS, outcomes
from benchmarks.rates import upper_limit
from surefit.certification.statements import statement_of
from surefit.certification.strd import read_problem
from surefit.models.function import Function
from tests.certification.published import published

BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_formula_is_read_from_a_file_as_it_is_published(kind, tmp_path):
    problem = problem_of(kind, 0)
    table = np.column_stack([problem.y, problem.x])
    columns = " ".join(["y", *kind.inputs])
    text = published(
        kind.name, "@", columns, table, problem.starts, problem.values, problem.errors, problem.rss
    )
    n_lines = kind.statement.count("\n")
    text = text.replace("@", kind.statement)
    for word in ("Starting Values", "Certified Values", "Data             "):  # lines moved down
        at = text.index("(lines", text.index(word)) + len("(lines")
        first, last = text[at : text.index(")", at)].split("to")
        moved = f" {int(first) + n_lines} to {int(last) + n_lines}"
        text = text[:at] + moved + text[text.index(")", at) :]
    path = tmp_path / f"{kind.name}.dat"
    path.write_text(text)
    read = read_problem(path)
    np.testing.assert_array_equal(read.x, problem.x)
    np.testing.assert_array_equal(read.y, problem.y)
    np.testing.assert_allclose(read.starts, problem.starts, rtol=1e-15)
    statement = statement_of(read)
    names = Function(statement.function).argument_names
    values = dict(zip(problem.names, problem.values, strict=True))
    predicted = statement.function(read.x, *(values[name] for name in names))
    expected = kind.function(read.x, *problem.values)
    np.testing.assert_allclose(predicted, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
    rss = np.sum((statement.responses(read.y) - predicted) ** 2)
    assert rss == pytest.approx(problem.rss, rel=1e-6, abs=1e-25)


@pytest.mark.parametrize("name", ["Lanczos1", "Nelson", "MGH10", "Bennett5"])
def test_the_notorious_are_certified_from_both_starts_and_from_none(name):
    found = outcomes(BY_NAME[name], 5)
    assert all(one.is_certified and one.is_valid for one in found), found


@pytest.mark.slow
def test_no_fit_of_any_kind_is_falsely_valid():
    found = [one for kind in KINDS for seed in SEEDS for one in outcomes(kind, seed)]
    assert [one for one in found if one.is_false] == []
    assert upper_limit(0, len(found)) < 0.005
    missed = [one for one in found if not one.is_certified]
    assert [one for one in missed if one.is_valid] == []
    assert len(missed) <= 0.02 * len(found), missed
