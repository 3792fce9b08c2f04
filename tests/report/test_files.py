import contextlib
import math
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.exceptions import FileProblem, InvalidOption, InvalidType
from surefit.report import files
from surefit.report.files import json_text, read_json, write_atomically, write_json


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_bytes_and_text_arrive_unchanged(tmp_path):
    write_atomically(tmp_path / "bytes", b"a\r\n\x00b")
    write_atomically(str(tmp_path / "text"), "χ²\r\n")
    assert (tmp_path / "bytes").read_bytes() == b"a\r\n\x00b"
    assert (tmp_path / "text").read_bytes() == "χ²\r\n".encode()
    assert names(tmp_path) == ["bytes", "text"]


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    target = tmp_path / "fit.json"
    target.write_text("old")

    def fails(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, fails)
    with pytest.raises(FileProblem, match=r"Cannot write .*fit.json: No space left on device\."):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["fit.json"]


def test_an_interrupt_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    target = tmp_path / "fit.json"
    target.write_text("old")

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["fit.json"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("old")
    secret.chmod(0o600)
    write_atomically(secret, "new")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    program = (
        "import os, sys; os.umask(0o027)\n"
        "from surefit.report.files import write_atomically\n"
        "write_atomically(sys.argv[1], 'x')"
    )
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-c", program, str(fresh)], check=True)
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "fit.json").write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "fit.json")
    write_atomically(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "fit.json").read_text() == "new"


def test_long_names_and_relative_paths_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically("x" * 240 + ".json", "1")
    assert names(tmp_path) == ["x" * 240 + ".json"]


def test_wrong_places_say_what_to_do(tmp_path):
    with pytest.raises(FileProblem, match="is a folder; give the name of a file in it"):
        write_atomically(tmp_path, "x")
    with pytest.raises(FileProblem, match=r"there is no folder .*missing; create it"):
        write_atomically(tmp_path / "missing" / "fit.json", "x")
    with pytest.raises(FileProblem, match="null character"):
        write_atomically("a\0b", "x")
    with pytest.raises(InvalidType, match="path is int; pass a string"):
        write_atomically(3, "x")
    with pytest.raises(InvalidType, match="content is float; pass bytes or str"):
        write_atomically(tmp_path / "a", 1.0)
    if os.name == "posix":
        with pytest.raises(FileProblem, match="is not an ordinary file"):
            write_atomically("/dev/null", "x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


def same(a, b):
    """Equal as JSON, NaN equal to NaN, and zeros with their signs."""
    if isinstance(a, float) and isinstance(b, float):
        return repr(a) == repr(b)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(JSON)
def test_every_document_comes_back_as_it_was(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("json") / "document.json"
    write_json(path, document)
    assert same(read_json(path), document)


@given(st.lists(st.floats(), max_size=30))
def test_arrays_come_back_bit_for_bit(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("json") / "array.json"
    array = np.array(numbers, dtype=np.float64)
    write_json(path, {"a": array, "scalar": np.float64(0.1), "count": np.int64(3)})
    back = read_json(path)
    assert back["scalar"] == 0.1
    assert back["count"] == 3
    finite = np.isfinite(array)
    returned = np.array(back["a"], dtype=np.float64)
    assert np.array_equal(returned[finite].view(np.uint64), array[finite].view(np.uint64))
    assert np.array_equal(returned, array, equal_nan=True)


def test_matrices_become_nested_lists_and_tuples_lists(tmp_path):
    write_json(tmp_path / "a.json", {"m": np.eye(2), "t": (1, "a"), "flag": np.bool_(True)})
    assert read_json(tmp_path / "a.json") == {
        "m": [[1.0, 0.0], [0.0, 1.0]],
        "t": [1, "a"],
        "flag": True,
    }


def test_other_programs_get_null_for_what_is_not_a_number():
    assert json_text([math.nan, -math.inf, 1e22, 0.1]) == "[null,null,1e22,0.1]"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": [1, object()]}, r"document\.a\[1\] is object, which JSON cannot hold"),
        ({"a": {1: 2}}, r"document\.a has the key 1"),
        ({"$float": "nan"}, "has the key '\\$float'"),
        ({"c": np.array([1j])}, r"document\.c is an array of complex128"),
        ({"o": np.array([None])}, "array of object"),
        ({"s": "\ud800"}, "not valid Unicode"),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_place(document, message):
    with pytest.raises(InvalidType, match=message):
        json_text(document)


def test_a_document_that_contains_itself_is_refused():
    document = []
    document.append(document)
    with pytest.raises(InvalidOption, match="does it contain itself"):
        json_text(document)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "it is empty"),
        (b'{"a": 1', "input data was truncated at line 1, column 8"),
        (b'{"a": 1,\n "b": x}', "invalid character at line 2, column 7"),
        (b"[1e999]", "Number out of range|number out of range"),
        (b"NaN", "invalid character at line 1, column 1"),
        (b"\xff\xfe", "invalid character"),
        (b'{"$float": "one"}', "unknown number 'one'"),
        (b'{"$float": [1]}', "unknown number"),
        (b"[" * 200 + b"]" * 200, "nested more than 100 levels"),
        (b"[" * 100_000, "nested more than 100 levels"),
        (b"cos\nsystem\n(S'true'\ntR.", "is not valid JSON"),
    ],
)
def test_broken_files_say_where_and_what_to_do(tmp_path, raw, message):
    path = tmp_path / "broken.json"
    path.write_bytes(raw)
    with pytest.raises(FileProblem, match=message):
        read_json(path)


def test_missing_large_and_wrong_files_say_what_to_do(tmp_path):
    with pytest.raises(FileProblem, match="There is no file"):
        read_json(tmp_path / "none.json")
    with pytest.raises(FileProblem, match="is a folder"):
        read_json(tmp_path)
    (tmp_path / "big.json").write_text("[" + "1," * 1000 + "1]")
    with pytest.raises(FileProblem, match=r"larger than .* MiB; if you trust it, pass max_bytes"):
        read_json(tmp_path / "big.json", max_bytes=100)
    with pytest.raises(InvalidType, match="path is NoneType"):
        read_json(None)


def test_a_byte_order_mark_is_ignored(tmp_path):
    (tmp_path / "windows.json").write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(tmp_path / "windows.json") == [1]


@given(st.binary(max_size=60))
def test_garbage_never_raises_anything_else(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("garbage") / "garbage.json"
    path.write_bytes(raw)
    with contextlib.suppress(FileProblem):
        read_json(path)
