"""Independent rounds of screened starts, until rounds agree and a second search confirms."""

import dataclasses

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem
from surefit.search.account import account, correlation, trail
from surefit.search.assembly import Assembly, assembly_of
from surefit.search.base import AbstractSearch, Evidence, nothing_found
from surefit.search.cells import Edges
from surefit.search.coordinates import settled, sweep
from surefit.search.jammed import freed
from surefit.search.magnitudes import at_magnitudes, without_effect
from surefit.search.missed import Trail
from surefit.search.run import Run
from surefit.search.screening import hops, mirrored, screened
from surefit.search.starts import AbstractStarts

# Candidates screened in a round for each searched parameter, fewer where it is known what kind of
# values they take, and starts refined of them.
SCREENED = 256
SCREENED_KNOWN = 96
REFINED = 5
# Searched parameters beyond which a round has no more candidates.
MOST_COUNTED = 8
# Nonlinear parameters of a sum up to which all of them are also drawn at once; and fewer, up to
# which so many rounds do only that.
ALSO_DRAWN = 4
FEW_SEARCHED = 3
DRAWN_ROUNDS = 2
# Estimated probability that something better is missed up to which no more rounds follow, and
# above which a fit is not confirmed when they have ended.
MOST_MISSED = 0.01
DOUBTFUL = 0.1
# Rounds before giving up on agreement, at normal effort: fewer of those that put sums together,
# each of which is a search by itself.
ROUNDS, ASSEMBLED = 24, 8
# Rounds on samples that may disagree before all points are used.
SAMPLED_ROUNDS = 3
# Correlation of neighboring residuals, in standard deviations, that shows something unexplained.
UNEXPLAINED = 4.0
# The same below which the second search may be a light one, of so many refined candidates.
WHITE = 2.0
LIGHT = 3
# Candidates of the second search for each that is refined.
HOPS = 32
# Mirrored points that the second search refines.
MIRRORED = 3
# Candidates scanned coordinate by coordinate, and how many of the best minima in the end.
SCANNED = 6
SCANNED_AGAIN = 4


@dataclasses.dataclass(frozen=True, eq=False)
class MultiStart(AbstractSearch):
    """Screen many plausible starts, refine the best, repeat until independent rounds agree.

    Each round draws its own candidates, scores them with the linear parameters solved, and
    refines the best and most diverse. Sums of several nonlinear terms are put together term by
    term instead. When two rounds agree on the best minimum, a second, different search follows:
    coordinate scans, hops, changed signs and recombinations of good points. If that finds
    something better, agreement starts anew and later rounds scan as well.

    Rounds compare their candidates on a sample of the points, the first two on the same one, each
    other and the second search on one of its own. All points are used from the start of every
    final descent, and throughout once rounds on samples disagree or leave residuals in which
    neighbors are correlated.

    Attributes:
        starts: Where candidates come from.
        known: Points to refine as well, shape (k, q): a user's start.
        steps: Mask of step parameters, shape (q,).
        jumping: Mask of all parameters that move a jump, shape (q,).
        edges: Where points change side along a line, if known.
        order: Indices that sort the points by each input, shape (d, n).
        is_sampling: Whether the minimizer may begin on a sample of the points.
        n_given: How many of the first `known` are the user's own.
        has_kinks: Whether the model bends where its parameters say: descents may jam there.
    """

    starts: AbstractStarts
    known: np.ndarray
    steps: np.ndarray
    jumping: np.ndarray
    edges: Edges | None
    order: np.ndarray
    is_sampling: bool = True
    n_given: int = 0
    has_kinks: bool = False

    def search(
        self,
        problem: AbstractProblem,
        minimizer: AbstractMinimizer,
        *,
        rng: np.random.Generator,
        budget: Budget,
        report: Report,
    ) -> tuple[Minima, Evidence]:
        run = Run(
            problem,
            minimizer,
            rng,
            budget,
            report,
            self.steps,
            self.jumping,
            self.edges,
            self.is_sampling,
        )
        rounds = _Rounds(self, run)
        is_interrupted = False
        try:
            rounds.all()
        except KeyboardInterrupt:
            is_interrupted = True
        return rounds.result(is_interrupted)

    def __str__(self) -> str:
        return "multi-start search"


class _Rounds:
    """The rounds of one search."""

    def __init__(self, search: MultiStart, run: Run) -> None:
        self.search, self.run = search, run
        # Jumps have no slope to follow: only scans can cross them.
        self.is_scanning = bool(search.jumping.any())
        self.assembly: Assembly | None = None
        self.inactive = without_effect(run, search.starts)
        self.round_best: list[float] = []
        self.is_confirmed = False

    def all(self) -> None:
        """Rounds until they agree and a second search confirms, or the budget ends."""
        run = self.run
        given, other = np.split(self.search.known, [self.search.n_given])
        run.refine(given, independent=True, each_in_full=True)
        run.refine(other, independent=True)
        n_done = 0
        while n_done < self._most_rounds():
            if run.is_late():
                return
            if n_done:
                run.draw_sample()
            n_done += self._rounds(n_done)
            is_agreed = self._is_agreed()
            if run.is_sampling and self._needs_all_points(is_agreed):
                run.use_all_points()
                self.round_best = []
            elif is_agreed:
                if not self._second_search_agrees():
                    self.round_best, self.is_scanning = [], True
                    self.is_confirmed = False
                else:
                    missed = self._trail().missed()
                    self.is_confirmed = missed <= DOUBTFUL
                    if missed <= MOST_MISSED:
                        return
            else:
                self.is_confirmed = False

    def _most_rounds(self) -> int:
        most = ROUNDS if self.assembly is None else ASSEMBLED
        return max(2, round(most * self.run.budget.starts))

    def _rounds(self, number: int) -> int:
        """One round, or two that need not wait for each other; returns how many."""
        run, before = self.run, len(self.run.found)
        n_searched = len(run.screen.names)
        # Where few parameters are searched, drawing all of them at once is cheaper if it works.
        if number == (DRAWN_ROUNDS if n_searched <= FEW_SEARCHED else 0):
            self.assembly = assembly_of(run, self.search.starts)
        is_simple = not (self.is_scanning or self.inactive.any() or self.search.has_kinks)
        if number == 0 and is_simple and self.assembly is None:
            # A step of both takes hardly longer than a step of one.
            candidates = [self._candidates(REFINED) for _ in range(2)]
            minima = run.refine(np.concatenate(candidates), independent=True)
            for values in np.split(minima.value, [len(candidates[0])]):
                self.round_best.append(float(np.min(values, initial=np.inf)))
            return 2
        if self.assembly is not None:
            self.assembly.round()
        if self.assembly is None or n_searched <= ALSO_DRAWN:
            self._plausible_starts()
        if self.search.has_kinks:
            freed(run, before)
        values = [minima.value.min() for minima in run.found[before:] if len(minima.value)]
        self.round_best.append(min(values, default=np.inf))
        return 1

    def _plausible_starts(self) -> None:
        """Refine the best of many plausible candidates."""
        run = self.run
        if self.inactive.any():
            points, self.inactive = at_magnitudes(run, self.search.starts, self.inactive)
            run.refine(points, independent=True)
        candidates = self._candidates(REFINED + SCANNED if self.is_scanning else REFINED)
        if self.is_scanning:
            sweep(run, candidates[:SCANNED], independent=True)
            candidates = candidates[SCANNED:]
        run.refine(candidates, independent=True)

    def _candidates(self, n: int) -> np.ndarray:
        """The best and most diverse of many plausible candidates, at most n of them."""
        run = self.run
        n_each = SCREENED_KNOWN if self.search.starts.is_informed else SCREENED
        n_drawn = n_each * min(max(len(run.screen.names), 1), MOST_COUNTED)
        return screened(run, self.search.starts.draw(run.problem, run.rng, n_drawn), n)

    def _is_agreed(self) -> bool:
        """Whether two rounds ended at the best minimum."""
        best = np.sort(self.round_best)
        limit = self.run.best() + self.run.tolerance()
        return len(best) > 1 and bool(np.isfinite(best[1]) and best[1] <= limit)

    def _second_search_agrees(self) -> bool:
        """Whether a second, different search finds nothing better."""
        run, before = self.run, self.run.best()
        run.draw_sample()
        # Where neighbors are uncorrelated there is little left that could be found.
        is_white = correlation(run, self.search.order) < WHITE
        n_refined = LIGHT if is_white else REFINED
        candidates = screened(run, hops(run, HOPS * n_refined, REFINED), n_refined)
        candidates = np.concatenate([candidates, mirrored(run, REFINED, MIRRORED)])
        if is_white:
            sweep(run, run.lowest(1), independent=False, others=candidates)
        else:
            run.refine(candidates, independent=False)
            sweep(run, run.lowest(SCANNED_AGAIN), independent=False)
        return run.best() > before - run.tolerance()

    def _needs_all_points(self, is_agreed: bool) -> bool:
        """Whether samples are not enough: rounds disagree, or something is left unexplained."""
        if not is_agreed:  # steps are put right between all points in each round anyway
            return len(self.round_best) >= SAMPLED_ROUNDS and not self.search.jumping.any()
        return correlation(self.run, self.search.order) > UNEXPLAINED

    def _trail(self) -> Trail:
        """What the search went through so far."""
        return trail(self.run, self.round_best, order=self.search.order)

    def result(self, is_interrupted: bool) -> tuple[Minima, Evidence]:
        """What was found, and the evidence."""
        run = self.run
        if not run.found:
            n, is_late = len(run.problem.names), run.is_late()
            return nothing_found(n, is_interrupted=is_interrupted, is_late=is_late)
        points, values = run.all()
        status = run.statuses()
        steps = np.concatenate([minima.steps for minima in run.ended()])
        if is_interrupted or Status.interrupted in status:
            status = tuple(Status.interrupted for _ in status)
        if self.search.jumping.any() and np.isfinite(values).any():
            points, values = settled(run, points, values)
        n_given = self.search.n_given
        evidence = account(run, self._trail(), n_given, is_confirmed=self.is_confirmed)
        return Minima(points, values, status, steps), evidence
