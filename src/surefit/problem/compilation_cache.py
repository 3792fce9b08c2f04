"""Keep what JAX compiles on disk, so that the next process need not compile it again.

This is the one setting of JAX that surefit leaves changed, and only if the user has not set it.
"""

import contextlib
import functools
import os
import sys
import time
from pathlib import Path
from typing import Any

import jax
from jax.experimental.compilation_cache import compilation_cache

# Compilations shorter than this, in seconds, are not worth a file. JAX's own limit of a second is
# longer than any of ours takes.
SHORTEST = 0.02
JAX_SHORTEST = 1.0
# Size beyond which the files that were not used for longest are removed, in bytes; and how often
# that is looked after, in seconds: reading thousands of sizes takes as long as a fit.
LARGEST = 2**28
DAY = 86400.0


@functools.cache
def keep_compiled() -> None:
    """Switch on JAX's persistent compilation cache, once for the process.

    Nothing happens if a folder for it has been set (`JAX_COMPILATION_CACHE_DIR`), if it has been
    switched off (`JAX_ENABLE_COMPILATION_CACHE=false`), or if no folder can be written.
    """
    settings: Any = jax.config  # it gets its attributes at run time
    is_set = settings.jax_compilation_cache_dir is not None
    if is_set or not settings.jax_enable_compilation_cache:
        return
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _prune_daily(folder)
    except OSError:
        return
    if not os.access(folder, os.W_OK):
        return
    settings.update("jax_compilation_cache_dir", str(folder))
    if settings.jax_persistent_cache_min_compile_time_secs == JAX_SHORTEST:
        settings.update("jax_persistent_cache_min_compile_time_secs", SHORTEST)
    # Whatever has been compiled before has made JAX conclude that there is no cache.
    compilation_cache.reset_cache()


def _prune_daily(folder: Path) -> None:
    """Keep the folder small, once a day; a file beside it tells when that was."""
    last = folder.with_name("pruned")
    if not last.exists() or time.time() - last.stat().st_mtime > DAY:
        last.touch()
        prune(folder, LARGEST)


def cache_folder() -> Path:
    """Where the system keeps what programs can make again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "surefit" / "jax"


def prune(folder: Path, largest: int) -> None:
    """Remove the files that were not used for longest, down to half the size allowed.

    Args:
        folder: Where the files are.
        largest: Total size beyond which something is removed, in bytes.
    """
    files = [(file.stat(), file) for file in folder.iterdir() if file.is_file()]
    total = sum(stat.st_size for stat, _ in files)
    if total <= largest:
        return
    for stat, file in sorted(files, key=lambda pair: max(pair[0].st_atime, pair[0].st_mtime)):
        if total <= largest / 2:
            return
        with contextlib.suppress(FileNotFoundError):  # another process may be at it too
            file.unlink()
        total -= stat.st_size
