import dataclasses
import math
from html.parser import HTMLParser

import pytest

from surefit.report.html import fit_html, table_html
from surefit.report.summary import ParameterRow
from tests.report.records import BAD, ESTIMATED, GOOD, HOSTILE, LONG

VOID = {"br", "img", "meta"}


class Checked(HTMLParser):
    """Raises unless every element is closed in order; collects text and tags."""

    def __init__(self):
        HTMLParser.__init__(self)
        self.open, self.tags, self.words, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def parsed(html):
    checker = Checked()
    checker.feed(html)
    checker.close()
    assert not checker.open
    return checker


def words(html):
    return " ".join("".join(parsed(html).words).replace("\u2007", " ").split())


@pytest.mark.parametrize("summary", [GOOD, BAD, ESTIMATED, LONG, HOSTILE])
def test_every_view_is_well_formed_and_loads_nothing(summary):
    checker = parsed(fit_html(summary))
    assert checker.tags[:2] == ["style", "div"]
    assert not {"script", "link", "img", "iframe"} & set(checker.tags)
    assert "url(" not in fit_html(summary)


def test_names_notes_and_sentences_are_escaped():
    html = fit_html(HOSTILE)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html


def test_the_style_touches_nothing_outside_the_view():
    style = fit_html(GOOD).split("</style>")[0].removeprefix("<style>")
    for rule in style.replace("\n", "").split("}")[:-1]:
        for selector in rule.split("{")[0].split(","):
            assert selector.startswith(".surefit-view"), selector


def test_a_fit_that_cannot_be_trusted_is_an_alert():
    assert 'role="alert"' in fit_html(BAD)
    assert "DO NOT TRUST THESE NUMBERS (budget exhausted). The search" in words(
        fit_html(BAD).replace("<br>", " ")
    )
    assert 'role="alert"' not in fit_html(GOOD)


def test_numbers_are_rounded_with_real_minus_signs_and_raised_exponents():
    rows = (ParameterRow("a", -1.23456e8, 4e5), ParameterRow("b", 1.0, math.nan, "fixed"))
    html = fit_html(dataclasses.replace(GOOD, rows=rows))
    assert "−1.235" in html
    assert "×10<sup>8</sup>" in html
    assert "± nan" not in words(html)
    assert "χ<sup>2</sup>/ndof" in html


def test_many_parameters_are_cut():
    assert "… 183 more" in words(fit_html(LONG))
    assert fit_html(LONG).count("<tr>") == 18


def test_a_table_refuses_rows_of_the_wrong_length():
    with pytest.raises(ValueError, match="argument 2 is"):
        table_html(["a", "b"], [["1"]])
