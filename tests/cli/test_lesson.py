"""`surefit lesson`: bad use at once, and once all of it."""

import json
import re
import subprocess
import sys

import pytest

from surefit.cli.lesson_files import write_lesson
from surefit.cli.main import main
from surefit.lesson.run import run_lesson
from tests.lesson.small_lesson import COUNTS

RESOURCE = re.compile(r"""(?:src|href)\s*=\s*["'](?!data:|#)|url\((?!["']?(?:data:|#))|@import""")


def check_page(text):
    """Nothing is loaded, nothing runs, and every figure is there."""
    assert not RESOURCE.search(text)
    assert "<script" not in text
    assert text.count("<img") == text.count('src="data:image/') == 25
    assert "None" not in re.sub(r'src="data:[^"]*"', "", text)
    assert "nan" not in re.sub(r'src="data:[^"]*"', "", text).split()


def test_a_folder_that_is_a_file_is_refused_before_any_work(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["lesson", "--out", str(tmp_path / "taken")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "is a file" in err


def test_a_negative_seed_is_refused(tmp_path, capsys):
    assert main(["lesson", "--seed=-1", "--out", str(tmp_path)]) == 2
    assert "--seed is -1" in capsys.readouterr().err


@pytest.mark.slow
def test_a_small_lesson_is_written_whole(tmp_path):
    lesson = run_lesson(3, COUNTS, lambda what: None)
    (tmp_path / "figures").mkdir()
    document = write_lesson(lesson, tmp_path, lambda what: None)
    written = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert written == sorted(document["files"])
    check_page((tmp_path / "report.html").read_text("utf-8"))
    for path in (tmp_path / "figures").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_two_small_lessons_with_one_seed_agree_but_for_times():
    def without_times(entry):
        if isinstance(entry, dict):
            return {k: without_times(v) for k, v in entry.items() if "seconds" not in k}
        return [without_times(v) for v in entry] if isinstance(entry, list | tuple) else entry

    first, second = (run_lesson(4, COUNTS, lambda what: None).document() for _ in range(2))
    assert without_times(first) == without_times(second)


@pytest.mark.slow
def test_the_whole_lesson_runs_and_prints_one_json_document(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "surefit", "lesson", "--json", "--out", str(tmp_path / "new")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout, parse_constant=pytest.fail)
    assert document["counts"]["tries"] == 15
    assert "Wrote report.html" in run.stderr
    for name in document["files"]:
        assert (tmp_path / "new" / name).stat().st_size > 1000
    check_page((tmp_path / "new" / "report.html").read_text("utf-8"))
    chi2 = {entry["key"]: entry["chi2"] for entry in document["attempts"]}
    assert chi2["sigmoids"] < chi2["sigmoids-migrad"]
    assert chi2["network"] < chi2["network-lbfgs"] < chi2["network-adam"]
