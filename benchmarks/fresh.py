"""What a fresh process pays: imports, and the first fit of a function, with and without a cache.

Modules have been compiled to bytecode beforehand, as they are where the package is installed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.record import Row

GROUP = "A fresh process"
FIRST_FIT = """
import json, time, sys
begin, cpu = time.perf_counter(), time.process_time()
import numpy as np, jax
jax_wall, jax_cpu = time.perf_counter() - begin, time.process_time() - cpu
def model(x, height, lifetime, peak, position, width, floor):
    return (height * np.exp(-x / lifetime)
            + peak * np.exp(-0.5 * ((x - position) / width) ** 2) + floor)
def another(x, height, position, width, floor, slope):
    return height / (1 + ((x - position) / width) ** 2) + floor + slope * x
runs = (
    ("first", 1000, model, (5, 3, 4, 6, 0.7, 1)),
    ("again", 1000, model, (5, 3, 4, 6, 0.7, 1)),
    ("length", 1300, model, (5, 3, 4, 6, 0.7, 1)),
    ("another", 1000, another, (4, 6, 0.7, 1, 0.2)),
)
rng = np.random.default_rng(1)
found = {}
for name, n, function, truth in runs:
    x = np.sort(rng.uniform(0, 10, n))
    y = function(x, *truth) + 0.1 * rng.standard_normal(n)
    begin, cpu = time.perf_counter(), time.process_time()
    if name == "first":
        import surefit
        surefit.fit
        found["import"] = time.perf_counter() - begin, time.process_time() - cpu
    fit = surefit.fit(x, y, function, yerr=0.1)
    found[name] = time.perf_counter() - begin, time.process_time() - cpu
    assert fit.valid
print(json.dumps(found))
"""
CASES = {
    "import": "import of what a fit needs, beyond `import jax`",
    "first": "import and first fit, beyond `import jax`",
    "again": "second fit, new data of the same length",
    "length": "third fit, new data of another length",
    "another": "first fit of another function of 5 parameters in that process",
}


def measure(quick: bool) -> list[Row]:
    repeats = 1 if quick else 5
    rows = [_start_up("import surefit", ["-c", "import surefit"], repeats)]
    rows.append(_start_up("surefit --help", ["-m", "surefit", "--help"], repeats))
    runs: dict[str, list[dict]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as bytecode:
        for repeat in range(1 + repeats):
            with tempfile.TemporaryDirectory() as folder:
                found = {state: _first_fit(Path(folder), bytecode) for state in runs}
            if repeat:  # the first compiles to bytecode
                for state, one in found.items():
                    runs[state].append(one)
    for name, text in CASES.items():
        for state, found in runs.items():
            wall = statistics.median(run[name][0] for run in found)
            cpu = statistics.median(run[name][1] for run in found)
            rows.append(Row(GROUP, text, f"surefit, {state} cache", wall, cpu))
    return rows


def _first_fit(cache: Path, bytecode: str) -> dict:
    """Run the fits in a process of their own, with folders for what JAX and Python compile."""
    left_out = ("JAX_", "PYTHONDONTWRITEBYTECODE")
    keep = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    keep |= {"XDG_CACHE_HOME": str(cache), "LOCALAPPDATA": str(cache)}
    keep |= {"PYTHONPYCACHEPREFIX": bytecode}
    output = subprocess.run(
        [sys.executable, "-c", FIRST_FIT], env=keep, capture_output=True, text=True, check=True
    )
    return json.loads(output.stdout.splitlines()[-1])


def _start_up(case: str, arguments: list[str], repeats: int) -> Row:
    """Wall time beyond that of a Python that does nothing, in turns."""
    beyond = []
    for _ in range(max(3, 2 * repeats)):
        bare = _seconds(["-c", "pass"])
        beyond.append(_seconds(arguments) - bare)
    return Row(GROUP, case, "surefit", statistics.median(beyond), note="beyond bare Python")


def _seconds(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - begin
