"""Files of every kind give the same columns; what cannot be read says why."""

import bz2
import gzip
import lzma
import sys

import numpy as np
import pytest

import surefit
from surefit.data.files import read_table

X = np.array([0.1, 0.2, 0.3, 0.4])
Y = np.array([1.5, -2.5, 3.5e-3, 4.25e10])
CSV = "x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(X.tolist(), Y.tolist(), strict=True))


def write_csv(path):
    path.write_text(CSV)


def write_gzip(path):
    path.write_bytes(gzip.compress(CSV.encode()))


def write_bzip2(path):
    path.write_bytes(bz2.compress(CSV.encode()))


def write_xz(path):
    path.write_bytes(lzma.compress(CSV.encode()))


def write_npz(path):
    with path.open("wb") as file:
        np.savez(file, x=X, y=Y)


def write_npz_of_pairs(path):
    with path.open("wb") as file:
        np.savez_compressed(file, x=X, y=Y, scalar=3.0, cube=np.zeros((2, 2, 2)))


def write_structured_npy(path):
    table = np.zeros(4, dtype=[("x", "f8"), ("y", "f4"), ("name", "U3")])
    table["x"], table["y"] = X, Y
    with path.open("wb") as file:
        np.save(file, table)


def write_parquet(path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(arrow.table({"x": X, "y": Y}), path)


def write_root_tree(path):
    uproot = pytest.importorskip("uproot")
    with uproot.recreate(path) as file:
        file.mktree("events", {"x": "f8", "y": "f8"}).extend({"x": X, "y": Y})


def write_root_ntuple(path):
    uproot = pytest.importorskip("uproot")
    with uproot.recreate(path) as file:
        file.mkrntuple("events", {"x": X, "y": Y}) if hasattr(file, "mkrntuple") else pytest.skip(
            "this uproot writes no RNTuple"
        )


WRITERS = {
    "run.csv": write_csv,
    "run.csv.gz": write_gzip,
    "run.bz2": write_bzip2,
    "run.txt.xz": write_xz,
    "run.npz": write_npz,
    "pairs.npz": write_npz_of_pairs,
    "run.npy": write_structured_npy,
    "run.parquet": write_parquet,
    "tree.root": write_root_tree,
    "ntuple.root": write_root_ntuple,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_columns(tmp_path, name):
    WRITERS[name](tmp_path / name)
    table = read_table(tmp_path / name)
    assert set(table.names) >= {"x", "y"}
    x, y = table.complete(["x", "y"]).values
    np.testing.assert_array_equal(x, X)
    np.testing.assert_allclose(y, Y, rtol=1e-7 if name == "run.npy" else 0)
    assert x.dtype == y.dtype == np.float64


@pytest.mark.parametrize("name", ["run.npz", "run.parquet", "tree.root"])
def test_the_kind_is_known_by_the_content_not_by_the_name(tmp_path, name):
    WRITERS[name](tmp_path / name)
    wrong = (tmp_path / name).rename(tmp_path / "export.dat")
    np.testing.assert_array_equal(read_table(wrong).column("y"), Y)


def test_a_plain_npy_table_has_numbered_columns(tmp_path):
    np.save(tmp_path / "a.npy", np.stack([X, Y], axis=1))
    table = read_table(tmp_path / "a.npy")
    assert table.names == ("c0", "c1")
    np.testing.assert_array_equal(table.column("c1"), Y)


def test_arrays_of_several_columns_in_an_npz_are_numbered(tmp_path):
    np.savez(tmp_path / "a.npz", position=np.arange(6.0).reshape(3, 2), y=np.ones(3))
    table = read_table(tmp_path / "a.npz")
    assert table.names == ("position[0]", "position[1]", "y")
    np.testing.assert_array_equal(table.column("position[1]"), [1.0, 3.0, 5.0])


@pytest.mark.parametrize("name", ["evil.npy", "evil.npz"])
def test_pickled_objects_are_refused(tmp_path, name):
    objects = np.array([{"a": 1}, None], dtype=object)
    if name.endswith("npy"):
        np.save(tmp_path / name, objects, allow_pickle=True)
    else:
        np.savez(tmp_path / name, x=objects)
    with pytest.raises(surefit.FileProblem, match="Python objects, which only run code to load"):
        read_table(tmp_path / name)


def test_parquet_nulls_are_missing_and_words_are_refused(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {
        "x": [1, 2, None, 4],
        "flag": [True, False, True, None],
        "word": ["a", "b", None, "d"],
        "jet": [{"pt": 1.5, "eta": 0.5}] * 4,
        "list": [[1.0], [1.0, 2.0], [], None],
    }
    parquet.write_table(arrow.table(columns), tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    # The order within a struct is pyarrow's own.
    assert sorted(table.names) == ["flag", "jet.eta", "jet.pt", "list", "word", "x"]
    chosen = table.complete(["x", "flag", "jet.pt"])
    np.testing.assert_array_equal(chosen.values, [[1, 2], [1, 0], [1.5, 1.5]])
    assert chosen.n_dropped == 2
    assert chosen.notes == ("2 of 4 rows were dropped: missing values, 1 in x, 1 in flag.",)
    with pytest.raises(surefit.FileProblem, match=r"'word' of .* holds text such as 'a'"):
        table.column("word")
    with pytest.raises(surefit.FileProblem, match=r"'list' of .* holds values of type ndarray"):
        table.column("list")


def test_a_root_file_gives_trees_histograms_and_their_errors(tmp_path):
    uproot = pytest.importorskip("uproot")
    awkward = pytest.importorskip("awkward")
    path = tmp_path / "a.root"
    counts, edges = np.array([4.0, 0.0, 9.0]), np.array([0.0, 1.0, 2.0, 4.0])
    with uproot.recreate(path) as file:
        tree = file.mktree("t", {"x": "f8", "pair": ("f8", (2,)), "jets": "var * float64"})
        jets = awkward.Array([[1.0], [], [1.0, 2.0]])
        tree.extend({"x": [1.0, 2.0, 3.0], "pair": np.arange(6.0).reshape(3, 2), "jets": jets})
        file["folder/h"] = counts, edges
        file["plane"] = np.outer([1.0, 4.0], counts), np.arange(3.0), edges
    table = read_table(path)  # the only tree
    np.testing.assert_array_equal(table.column("pair[1]"), [1.0, 3.0, 5.0])
    with pytest.raises(surefit.FileProblem, match=r"'jets' of .* holds values of type ndarray"):
        table.column("jets")
    histogram = read_table(f"{path}:folder/h")
    assert histogram.names == ("center", "low", "high", "content", "error")
    chosen = histogram.complete(["center", "content", "error"])  # the empty bin has no error
    np.testing.assert_array_equal(chosen.values, [[0.5, 3.0], [4.0, 9.0], [2.0, 3.0]])
    plane = read_table(f"{path}:plane")
    np.testing.assert_array_equal(plane.column("x_center"), [0.5, 0.5, 0.5, 1.5, 1.5, 1.5])
    np.testing.assert_array_equal(plane.column("y_high"), [1, 2, 4, 1, 2, 4])
    np.testing.assert_array_equal(plane.column("content"), [4, 0, 9, 16, 0, 36])
    with pytest.raises(surefit.FileProblem, match=r"no 'folder/g'.* it has .*a\.root:t \(TTree\)"):
        read_table(f"{path}:folder/g")


def test_a_root_file_with_two_trees_asks_which(tmp_path):
    uproot = pytest.importorskip("uproot")
    with uproot.recreate(tmp_path / "a.root") as file:
        for name in ("signal", "background"):
            file.mktree(name, {"x": "f8"}).extend({"x": X})
    with pytest.raises(surefit.FileProblem, match=r"several objects; .*a\.root:signal \(TTree\)"):
        read_table(tmp_path / "a.root")
    np.testing.assert_array_equal(read_table(f"{tmp_path}/a.root:signal").column("x"), X)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"# only\n\n# comments\n", "holds only comments"),
        ("a.csv", b"x,y\n", "has column names but no data rows"),
        (
            "a.csv",
            b"x,y\n1,2\n3\n",
            r"a\.csv, line 3: 1 cell\(s\), but there are 2 columns \(x, y\)",
        ),
        ("a.csv", b"x,y\n#\n\n1,2\n3,4,5\n", r"line 5: 3 cell\(s\)"),
        ("a.csv", bytes(range(256)) * 20, "holds binary data of an unknown kind"),
        ("a.csv", gzip.compress(b"x,y\n1,2\n" * 5000, mtime=0)[:-40], "broken compressed file"),
        ("a.npy", b"x,y\n1,2\n", "is not a NPY file although its name says so"),
        ("a.npy", b"\x93NUMPY\x01\x00rubbish", "cannot be read"),
        ("a.npz", b"PK\x03\x04rubbish", "broken archive"),
        ("a.parquet", b"1 2\n", "is not a Parquet file"),
        ("a.parquet", b"PAR1rubbish" * 10, "not a readable Parquet file"),
        ("a.root", b"1 2\n", "is not a ROOT file"),
        ("a.root", b"root" + b"\xff" * 200, "cannot be read as a ROOT file"),
        ("a.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file; save the columns as"),
        ("a.xls", b"\xd0\xcf\x11\xe0abc", "an old Excel or Word file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, name, content, message):
    if "readable Parquet" in message:
        pytest.importorskip("pyarrow")
    if "as a ROOT" in message:
        pytest.importorskip("uproot")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(surefit.FileProblem, match=message):
        read_table(tmp_path / name)


def test_missing_files_and_folders_say_so_and_suggest(tmp_path):
    write_csv(tmp_path / "measurement.csv")
    with pytest.raises(surefit.FileProblem, match=r"no file .*; did you mean .*measurement\.csv\?"):
        read_table(tmp_path / "mesurement.csv")
    with pytest.raises(surefit.FileProblem, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(surefit.FileProblem, match=r"there is no folder .*nowhere either"):
        read_table(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(surefit.FileProblem, match="cannot be read: embedded null"):
        read_table("a\0b")


def test_an_excel_workbook_and_other_archives_say_what_to_do(tmp_path):
    import zipfile

    for member, message in (("xl/workbook.xml", "Excel workbook"), ("a.csv", "unpack it first")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(surefit.FileProblem, match=message):
            read_table(tmp_path / "a.xlsx")


@pytest.mark.parametrize(("name", "extra"), [("run.parquet", "parquet"), ("tree.root", "root")])
def test_without_the_extra_the_message_says_how_to_install_it(tmp_path, name, extra, monkeypatch):
    WRITERS[name](tmp_path / name)
    for module in ("pyarrow", "uproot"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(surefit.MissingDependency, match=rf"pip install 'surefit\[{extra}\]'"):
        read_table(tmp_path / name)


def test_a_graph_gives_its_points_and_errors(tmp_path):
    uproot = pytest.importorskip("uproot")
    if not hasattr(uproot, "as_TGraph"):
        pytest.skip("this uproot writes no graphs")
    graph = uproot.as_TGraph({"x": X, "y": Y}, title="graph")
    with uproot.recreate(tmp_path / "a.root") as file:
        file["g"] = graph
    table = read_table(tmp_path / "a.root")
    assert table.names == ("x", "y")
    np.testing.assert_array_equal(table.column("y"), Y)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (X + 1j, "holds complex numbers; store the real and imaginary parts"),
        (np.array(["2020-01-01"] * 4, "datetime64[D]"), "holds dates or times; store numbers"),
        (np.array(["1", "2", "3", "4"]), "holds numbers stored as text"),
        (np.array(["a", "b", "c", "d"]), "holds text such as 'a'"),
    ],
)
def test_columns_of_other_kinds_are_refused_when_chosen(tmp_path, values, message):
    np.savez(tmp_path / "a.npz", x=X, odd=values)
    table = read_table(tmp_path / "a.npz")
    assert table.column("x").tolist() == X.tolist()
    with pytest.raises(surefit.FileProblem, match=message):
        table.column("odd")


def test_columns_of_different_lengths_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, y=Y[:2])
    with pytest.raises(surefit.ShapeMismatch, match="differ in length: x has 4, y has 2"):
        read_table(tmp_path / "a.npz").complete(["x", "y"])


def test_arrays_that_are_no_tables_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 3, 4)))
    with pytest.raises(surefit.FileProblem, match=r"has shape \(2, 3, 4\), which is no table"):
        read_table(tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", a=1.0)
    with pytest.raises(surefit.FileProblem, match="has no columns"):
        read_table(tmp_path / "b.npz")
