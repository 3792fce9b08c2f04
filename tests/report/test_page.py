import base64
import re

import pytest

from surefit.exceptions import InvalidOption
from surefit.report.formula import formula_svg
from surefit.report.html import fit_html
from surefit.report.page import PageTable, Picture, Section, embedded, inline, page
from surefit.report.plots import fit_figure
from tests.report.records import GOOD, line_curve
from tests.report.test_html import parsed, words

TEXT = r"""
Steps with **soft** edges, $\sigma(x)=\frac{1}{1+e^{-x}}$, *five* of them; `a < b`.

$$f(x)=\sum_i c_i\,\sigma(x)$$

- one
- two < three, a*b*c

```python
fit = sf.fit(x, y)

print(fit)  # <here>
```

It costs $5 or 6 $, see [the page](https://example.org/?a=1&b=2).
"""


def example():
    return page(
        "A fit of <x>",
        [
            Section("Result", html=fit_html(GOOD)),
            Section("Text", TEXT, (PageTable(("m", ">n"), (("`a`", "1"),), "Two *models*."),)),
            Section("Picture", pictures=(Picture(fit_figure(line_curve(8)), "Eight points."),)),
            Section("", "No heading."),
        ],
    )


def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere():
    checker = parsed(example().removeprefix("<!DOCTYPE html>\n"))
    assert "script" not in checker.tags
    for tag, attributes in checker.attributes:
        if "src" in attributes:
            assert attributes["src"].startswith("data:image/")
        assert tag != "link"
        assert not any(name.startswith("on") for name in attributes)
    assert "@import" not in example()
    assert "default-src 'none'" in example()


def test_the_page_is_the_same_each_time():
    assert example() == example()


def test_marks_become_html_and_everything_else_is_escaped():
    html = page("t", [Section("", TEXT)])
    assert "<b>soft</b>" in html
    assert "<em>five</em>" in html
    assert "<code>a &lt; b</code>" in html
    assert "<li>two &lt; three, a*b*c</li>" in html
    assert "<pre><code>fit = sf.fit(x, y)\n\nprint(fit)  # &lt;here&gt;</code></pre>" in html
    assert '<a href="https://example.org/?a=1&amp;b=2">the page</a>' in html
    assert "It costs $5 or 6 $, see" in words(html.removeprefix("<!DOCTYPE html>\n"))
    assert html.count('role="img"') == 2
    assert "<script" not in inline("<script>`<script>`**<script>**[<script>](https://<script>)")
    assert "<a" not in inline("[x](javascript:alert(1))")


def test_figures_keep_their_captions_and_are_drawn_as_svg_until_that_grows_large():
    assert embedded(fit_figure(line_curve(8))).startswith("data:image/svg+xml;base64,")
    many = embedded(fit_figure(line_curve(2000)))
    assert base64.b64decode(many.removeprefix("data:image/png;base64,"))[:4] == b"\x89PNG"
    assert "<figcaption>Eight points.</figcaption>" in example()
    assert 'alt="Eight points."' in example()


def test_contents_are_listed_when_there_are_several_sections():
    assert '<li><a href="#part-3">Picture</a></li>' in example()
    assert "<nav" not in page("t", [Section("One"), Section("Two")])


def test_a_formula_is_an_outline_in_the_color_of_the_text():
    svg = formula_svg(r"\frac{a}{b} < \sqrt{\chi^2}")
    assert 'fill="currentColor"' in svg
    assert 'aria-label="\\frac{a}{b} &lt; \\sqrt{\\chi^2}"' in svg
    below = float(re.search(r"vertical-align:(-[\d.]+)em", svg)[1])
    assert -1.5 < below < -0.2


def test_a_formula_that_cannot_be_read_is_named():
    with pytest.raises(InvalidOption, match=r"The formula .* cannot be drawn"):
        formula_svg(r"\frac{1}")
