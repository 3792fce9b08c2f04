"""A lesson with as little of everything as possible."""

from surefit.lesson.run import Counts

COUNTS = Counts(
    tries=2,
    starts=2,
    step_starts=1,
    samples=1,
    step_samples=1,
    networks=2,
    most_calls=500,
    refits=1,
)
