"""Time tasks in turns."""

import dataclasses
import gc
import time
from collections.abc import Callable, Mapping

import numpy as np


@dataclasses.dataclass(frozen=True)
class Timing:
    """Medians over the repetitions of one task.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of the process, over all its threads.
        results: What the task returned, one for each repetition.
    """

    wall: float
    cpu: float
    results: tuple


def alternate(
    tasks: Mapping[str, Callable[[int], object]], repeats: int, warm_up: bool = True
) -> dict[str, Timing]:
    """Time tasks in turns: A B A B.

    Args:
        tasks: Functions of the number of the repetition (so that each can have its own data).
        repeats: How often.
        warm_up: Whether to run each once beforehand (with number −1): compilation apart.

    Returns:
        A timing for each task.
    """
    if warm_up:
        for task in tasks.values():
            task(-1)
    walls, cpus, results = ({name: [] for name in tasks} for _ in range(3))
    for repeat in range(repeats):
        for name, task in tasks.items():
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            result = task(repeat)
            walls[name].append(time.perf_counter() - wall)
            cpus[name].append(time.process_time() - cpu)
            results[name].append(result)
    return {
        name: Timing(float(np.median(walls[name])), float(np.median(cpus[name])), tuple(found))
        for name, found in results.items()
    }
