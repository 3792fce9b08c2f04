"""The records that several tests of the lesson look at, made once."""

import pytest

from surefit.lesson.run import run_lesson
from tests.lesson.small_lesson import COUNTS


@pytest.fixture(scope="session")
def reported():
    """Collect what a small lesson said while it ran."""
    return []


@pytest.fixture(scope="session")
def lesson(reported):
    """Run a small lesson."""
    return run_lesson(3, COUNTS, reported.append)
