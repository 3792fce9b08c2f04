"""Compiled kernels outlive the process, and the user's own setting is respected."""

import os
import subprocess
import sys

import pytest

from surefit.problem import compilation_cache
from surefit.problem.compilation_cache import prune

FIT = """
import numpy as np, surefit, jax
x = np.linspace(0, 5, 40)
surefit.fit(x, np.exp(-x / 2) + 0.01 * np.cos(9 * x), lambda x, a, b: a * np.exp(-x / b), yerr=0.1)
print(jax.config.jax_compilation_cache_dir)
"""


def run(**environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", FIT],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is set by XDG_CACHE_HOME")
def test_a_fit_leaves_compiled_kernels_in_the_cache_folder(tmp_path):
    assert run(XDG_CACHE_HOME=str(tmp_path)) == str(tmp_path / "surefit" / "jax")
    assert any((tmp_path / "surefit" / "jax").iterdir())


def test_the_users_own_folder_is_kept(tmp_path):
    assert run(JAX_COMPILATION_CACHE_DIR=str(tmp_path / "mine")) == str(tmp_path / "mine")


def test_the_cache_stays_off_where_the_user_switched_it_off():
    assert run(JAX_ENABLE_COMPILATION_CACHE="false") == "None"


def test_pruning_removes_the_files_unused_for_longest(tmp_path):
    for age, name in enumerate(("new", "older", "oldest")):
        (tmp_path / name).write_bytes(b"0" * 100)
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    prune(tmp_path, 300)
    assert len(list(tmp_path.iterdir())) == 3
    prune(tmp_path, 250)
    assert [file.name for file in tmp_path.iterdir()] == ["new"]


def test_the_folder_is_looked_after_once_a_day(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(compilation_cache, "prune", lambda folder, largest: seen.append(folder))
    folder = tmp_path / "jax"
    folder.mkdir()
    compilation_cache._prune_daily(folder)
    compilation_cache._prune_daily(folder)
    assert seen == [folder]
    marker = tmp_path / "pruned"
    two_days_ago = marker.stat().st_mtime - 2 * compilation_cache.DAY
    os.utime(marker, (two_days_ago, two_days_ago))
    compilation_cache._prune_daily(folder)
    assert seen == [folder, folder]
