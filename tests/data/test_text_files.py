"""Text tables as instruments, spreadsheets and people write them."""

import csv
import io
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surefit
from surefit.data.files import read_table
from surefit.data.text_layout import find_layout, split_cells

EXPECTED = [[0.5, 1.5], [1.0, -2.5], [1.5, 3.0]]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("t,U\n0.5,1.5\n1.0,-2.5\n1.5,3.0\n", ("t", "U")),
        ("0.5,1.5\n1.0,-2.5\n1.5,3.0\n", ("c0", "c1")),
        ("t\tU\n0.5\t1.5\n1.0\t-2.5\n1.5\t3.0", ("t", "U")),
        ("t U\n0.5 1.5\n  1.0    -2.5\n1.5\t3.0  \n", ("t", "U")),
        ("t;U\n0.5;1.5\n1.0;-2.5\n1.5;3.0\n", ("t", "U")),
        ("t;U\n0,5;1,5\n1;-2,5\n1,5;3\n", ("t", "U")),
        ("t\tU\n0,5\t1,5\n1\t-2,5\n1,5\t3\n", ("t", "U")),
        ("0,5 1,5\n1,0 -2,5\n1,5 3,0\n", ("c0", "c1")),
        ("t|U\n0.5|1.5\n1.0|-2.5\n1.5|3.0\n", ("t", "U")),
        ("t, U\n0.5,  1.5\n1.0, -2.5\n1.5, 3.0\n", ("t", "U")),
        ("# made by hand\n# t U\n0.5 1.5\n1.0 -2.5\n1.5 3.0\n", ("t", "U")),
        ("# t, U\n0.5, 1.5\n1.0, -2.5\n1.5, 3.0\n", ("t", "U")),
        ("% matlab\n0.5 1.5\n1.0 -2.5 # a note\n\n1.5 3.0\n# end\n", ("c0", "c1")),
        ('"t [s]","U, raw"\n"0.5","1.5"\n"1.0","-2.5"\n"1.5","3.0"\n', ("t [s]", "U, raw")),
        ("t,U\ns,V\n0.5,1.5\n1.0,-2.5\n1.5,3.0\n", ("t", "U")),
        ("t,U,\n0.5,1.5,\n1.0,-2.5,\n1.5,3.0,\n", ("t", "U", "c2")),
        ("t,U,\n0.5,1.5\n1.0,-2.5\n1.5,3.0\n", ("t", "U")),
        ("t,U\n0.5,1.5,\n1.0,-2.5,\n1.5,3.0,,\n", ("t", "U")),
        ("t,U\n0.5,1.5\n1.0,-2.5\n1.5,3.0\n,\n,\n", ("t", "U")),
        ("t U\n5.0D-01 1.5\n1.0D0 -2.5\n0.15d+1 3.0\n", ("t", "U")),
        ("\nt,2012\n0.5,1.5\n1.0,-2.5\n1.5,3.0\n", ("t", "2012")),
        ("t,U,U\n0.5,1.5,7\n1.0,-2.5,7\n1.5,3.0,7\n", ("t", "U", "U")),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_layout_of_a_text_table_is_found_out(tmp_path, content, names, ending, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(content.replace("\n", ending).encode(encoding))
    table = read_table(path)
    assert table.names == names
    np.testing.assert_array_equal(np.transpose([table.column("c0"), table.column("c1")]), EXPECTED)


def test_units_in_a_second_line_are_kept(tmp_path):
    (tmp_path / "a.csv").write_text("t,U,n\n[s],(mV),\n0,1.5,1\n1,2.5,2\n")
    assert read_table(tmp_path / "a.csv").units == {"t": "s", "U": "mV"}


def test_names_written_by_windows_programs_are_read(tmp_path):
    (tmp_path / "a.csv").write_bytes("Länge [µm];T [°C]\n1,5;20\n2,5;21\n".encode("cp1252"))
    table = read_table(tmp_path / "a.csv")
    assert table.names == ("Länge [µm]", "T [°C]")
    assert table.column("Länge [µm]").tolist() == [1.5, 2.5]


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "NA", "n/a", "null", "None", "-", "--", " "])
def test_rows_with_missing_cells_are_dropped_and_counted(tmp_path, cell):
    (tmp_path / "a.csv").write_text(f"x,y,z\n1,2,3\n2,{cell},3\n3,4,{cell}\n4,5,6\n")
    table = read_table(tmp_path / "a.csv")
    assert np.isnan(table.column("y")).tolist() == [False, True, False, False]
    chosen = table.complete(["x", "y"])  # z is not used: its missing cell does not matter
    assert chosen.values[0].tolist() == [1.0, 3.0, 4.0]
    assert chosen.n_dropped == 1
    assert chosen.notes == ("1 of 4 rows was dropped: missing values, 1 in y.",)


def test_a_table_without_missing_cells_has_no_note(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    assert read_table(tmp_path / "a.csv").complete(["x", "y"]).notes == ()


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ("1,a\n2,b\n", surefit.FileProblem, r"'y' of .* holds text such as 'a', not numbers"),
        ("1,1\n2,oops\n", surefit.FileProblem, r"has 1 cell\(s\).*first 'oops' in data row 2"),
        ('1,"1,5"\n2,"2.5"\n', surefit.FileProblem, "first '1,5' in data row 1; .*decimal point"),
        ("1,inf\n2,3\n", surefit.NotFinite, "'y' of .* infinite values, the first in data row 1"),
        ("1,\n,2\n", surefit.DataError, "no complete row to fit; values are missing: 1 in x, 1 in"),
    ],
)
def test_cells_that_are_no_numbers_are_shown(tmp_path, body, error, message):
    (tmp_path / "a.csv").write_text("x,y\n" + body)
    with pytest.raises(error, match=message):
        read_table(tmp_path / "a.csv").complete(["x", "y"])


def test_misspelt_columns_get_a_suggestion_and_the_list(tmp_path):
    (tmp_path / "a.csv").write_text("time [s],Voltage,voltage error\n1,2,3\n4,5,6\n")
    table = read_table(tmp_path / "a.csv")
    with pytest.raises(surefit.UnknownColumn, match=r"no column 'time'; did you mean 'time \[s\]'"):
        table.column("time")
    with pytest.raises(
        surefit.UnknownColumn, match=r"did you mean 'Voltage'.*its columns are time"
    ):
        table.column("votlage")
    with pytest.raises(surefit.UnknownColumn, match="no column 'c3'; its columns"):
        table.column("c3")
    assert table.column("c1").tolist() == [2.0, 5.0]


def test_equal_names_are_told_apart_by_position(tmp_path):
    (tmp_path / "a.csv").write_text("y,y\n1,2\n")
    table = read_table(tmp_path / "a.csv")
    with pytest.raises(surefit.FileProblem, match=r"2 columns called 'y'.* position: c0, c1"):
        table.column("y")
    assert table.column("c1").tolist() == [2.0]


def test_a_list_of_very_many_columns_is_cut_short(tmp_path):
    (tmp_path / "a.csv").write_text(
        ",".join(f"v{i}" for i in range(100)) + "\n" + "1," * 99 + "1\n"
    )
    with pytest.raises(surefit.UnknownColumn, match="v29 and 70 more"):
        read_table(tmp_path / "a.csv").column("w")


@given(
    rows=st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from([",", ";", "\t", "|", " "]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    has_header=st.booleans(),
)
def test_any_table_of_numbers_comes_back_exactly(tmp_path, rows, separator, quoting, has_header):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=quoting)
    if has_header:
        writer.writerow(["alpha", "beta", "gamma"])
    writer.writerows([[repr(value) for value in row] for row in rows])
    path = tmp_path / "a.txt"
    path.write_text(text.getvalue())
    table = read_table(path)
    assert table.names == (("alpha", "beta", "gamma") if has_header else ("c0", "c1", "c2"))
    read = np.transpose([table.column(f"c{at}") for at in range(3)])
    np.testing.assert_array_equal(read, rows)


@given(garbage=st.binary(min_size=1, max_size=400))
def test_rubbish_gives_an_error_of_ours_or_a_table(tmp_path, garbage):
    path = tmp_path / "a.csv"
    path.write_bytes(garbage)
    try:
        table = read_table(path)
    except surefit.SurefitError:
        return
    for position in range(len(table.names)):
        try:
            table.column(f"c{position}")
        except surefit.FileProblem:
            continue


def test_the_fast_and_the_careful_reading_agree(tmp_path, rng):
    values = rng.normal(size=(500, 3)) * 10.0 ** rng.integers(-300, 300, (500, 3))
    np.savetxt(tmp_path / "a.txt", values, fmt="%.17g")
    careful = (tmp_path / "a.txt").read_text() + "- - -\n1 2 3\n"  # loadtxt refuses a missing cell
    (tmp_path / "b.txt").write_text(careful)
    fast, slow = read_table(tmp_path / "a.txt"), read_table(tmp_path / "b.txt")
    for name in fast.names:
        np.testing.assert_array_equal(fast.column(name), slow.column(name)[:-2])


def test_half_a_million_numbers_are_read_in_seconds(tmp_path, rng):
    np.savetxt(tmp_path / "a.csv", rng.normal(size=(170_000, 3)), fmt="%.9g", delimiter=",")
    start = time.perf_counter()
    assert len(read_table(tmp_path / "a.csv").column("c2")) == 170_000
    assert time.perf_counter() - start < 5.0


def test_a_separator_inside_quotes_is_part_of_a_cell():
    assert list(split_cells(['"a b"  c\td '], " ")) == [["a b", "c", "d"]]
    assert find_layout(["x;y", "1,5;2,5"], "").separator == ";"
