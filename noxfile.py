"""The project's chores. `nox -l` lists them; each line in a session can also be typed by hand."""

import nox

nox.options.sessions = ["lint", "tests", "docs"]
nox.options.default_venv_backend = "venv"


def install(session: nox.Session, *groups: str, constraints: str = "constraints.txt") -> None:
    """Install the package, editable, with all extras and the given dependency groups."""
    session.install("-c", constraints, "--upgrade", "pip")  # `--group` needs pip 25.1
    wanted = [word for group in groups for word in ("--group", group)]
    session.install("-c", constraints, "-e", ".[all]", *wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Format, style, types, and who may import whom."""
    install(session, "lint", "test", "docs")
    session.run("ruff", "format", "--check")
    session.run("ruff", "check")
    session.run("pyright")
    session.run("lint-imports")


@nox.session(python=["3.11", "3.13"])
def tests(session: nox.Session) -> None:
    """The default tests with branch coverage: under five minutes on two cores."""
    install(session, "test")
    session.run("pytest", "--cov", "--cov-report=term", *session.posargs)


@nox.session
def minimums(session: nox.Session) -> None:
    """The same tests on the oldest versions that pyproject.toml allows."""
    install(session, "test", constraints="constraints-lowest.txt")
    session.run("pytest", *session.posargs)


@nox.session
def coverage_toys(session: nox.Session) -> None:
    """The slow tests: toy studies of intervals, bands and searches."""
    install(session, "test")
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; any warning is an error."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "docs", "docs/_build/html")


@nox.session
def bench(session: nox.Session) -> None:
    """Compare with iminuit, scipy, lmfit and scikit-learn: a table of ratios."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def constraints(session: nox.Session) -> None:
    """Refresh both constraints files (monthly, or after changing dependencies)."""
    session.install("uv")
    resolve = ["uv", "pip", "compile", "pyproject.toml", "--all-extras", "--python-version", "3.11"]
    resolve += ["--quiet", "--no-annotate", "--no-header", "--no-emit-index-url"]
    resolve += ["--no-emit-find-links", "--upgrade"]
    everything = ["--universal", "--group", "dev", "--group", "bench"]
    session.run(*resolve, *everything, "-o", "constraints.txt")
    # pyparsing 3.3 deprecated what matplotlib 3.10.0 calls.
    session.run(
        *resolve, "--group", "test", "--resolution", "lowest-direct",
        "--upgrade-package", "pyparsing<3.3", "-o", "constraints-lowest.txt",
    )  # fmt: skip
