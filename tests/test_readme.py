"""The front pages: their links lead somewhere, and the README offers its two commands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "changelog.d/README.md"]
LINK = re.compile(r"""(?:\]\(|(?:src|href)=["'])([^)"'\s]+)""")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")


def anchors(markdown: str) -> set[str]:
    """List the fragment names that GitHub and MyST give to headings."""
    headings = re.findall(r"^#+ +(.*)$", markdown, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """List the relative links of a page that lead to no file, or to no heading of it."""
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if SCHEME.match(link):
            continue
        path, _, fragment = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (
            fragment and fragment not in anchors(target.read_text(encoding="utf-8"))
        ):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES)
def test_no_link_of_a_front_page_is_broken(page):
    assert broken_links(ROOT / page) == []


def test_a_broken_link_would_be_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](page.md#one-two) [b](#three) ![c](c.png) [d](https://x.org)\n")
    assert broken_links(page) == ["#three", "c.png"]


@pytest.mark.parametrize(
    ("label", "end"),
    [
        ("main job", ".venv/bin/surefit lesson --out lesson"),
        ("tests", ".venv/bin/python -m pytest"),
    ],
)
def test_the_readme_offers_each_command_as_one_line_to_copy(label, end):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"<!-- {label} -->\n```sh\n(.*)\n```\n", readme)
    assert command.startswith("python3 -m venv .venv && ")
    assert command.endswith(end)


def test_constraints_are_bare_pins_that_name_no_address():
    pin = re.compile(r"[a-z0-9][a-z0-9.-]*==[0-9][0-9a-z.]*( ; python_full_version .*| ; sys_.*)?")
    for name in ("constraints.txt", "constraints-lowest.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not pin.fullmatch(line)] == []
