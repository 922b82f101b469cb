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
        "<style>p { fill: url(#top) }</style> url(said) @import"
        '<script type="application/json">{"url": "https://example.org"}</script>'
    )
    assert validate_site(site_of(tmp_path, extra)) == []


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
        ('<img srcset="https://example.org/x.png 2x">', "has the attribute srcset"),
        ('<link imagesrcset="https://example.org/x.png 2x">', "has the attribute imagesrcset"),
        ('<iframe srcdoc="&lt;img src=x&gt;"></iframe>', "has the attribute srcdoc"),
        ('<a href="#top" ping="https://example.org">x</a>', "has the attribute ping"),
        ('<form action="https://example.org"></form>', "has the attribute action"),
        ('<button formaction="https://example.org">x</button>', "has the attribute formaction"),
        ('<svg><image xlink:href="https://example.org/x"/></svg>', "loads https://example.org/x"),
        ('<video poster="https://example.org/x"></video>', "loads https://example.org/x"),
        ('<video><track src="https://example.org/x"></video>', "loads https://example.org/x"),
        ('<frame src="https://example.org/x">', "loads https://example.org/x"),
        ('<input type="image" src="https://example.org/x">', "loads https://example.org/x"),
        ('<table background="https://example.org/x"></table>', "loads https://example.org/x"),
        ('<object data="https://example.org/x"></object>', "loads https://example.org/x"),
        ('<img src=" ht\ttps://example.org/x">', "loads  ht\ttps://example.org/x"),
        ('<img src="/\\example.org/x">', "loads /\\example.org/x"),
        ('<img src="http://[x">', "loads http://[x"),
        ('<meta http-equiv="Refresh" content="0;url=https://example.org">', "refreshes itself"),
        ('<script>fetch("https://example.org")</script>', "has an inline script"),
        ('<p style="background:u\\72l(https://example.org)">x</p>', "loads from a style attribute"),
        (
            "<p style=\"background:image-set('https://example.org' 1x)\">x</p>",
            "loads from a style attribute",
        ),
        ('<a href="http://[x">x</a>', "links to http://[x"),
        ('<area href="javascript:alert(1)">', "links to javascript:alert(1)"),
        ('<svg><a xlink:href="javascript:alert(1)">x</a></svg>', "links to javascript:alert(1)"),
        ('<a href="/other.html">x</a>', "starts at the root and breaks in a folder"),
        ('<a href="../outside.html">x</a>', "leaves the site"),
        ('<img src="../outside.html">', "leaves the site"),
        (f'<a href="{"x" * 3000}">x</a>', "is not in the site"),
    ],
)
def test_each_fault_is_found(tmp_path, extra, fault):
    (tmp_path / "outside.html").write_text("there is something outside", encoding="utf-8")
    (tmp_path / "site").mkdir()
    [found] = validate_site(site_of(tmp_path / "site", extra))
    assert found.startswith("index.html: ") and fault in found


@pytest.mark.parametrize(
    "css",
    [
        "body { background: url('https://x/y.png') }",
        "body { background: u\\72l(https://x/y.png) }",
        "body { content: '/*'; background: url(https://x/y.png); content: '*/' }",
        'body { background: image-set("https://x/y.png" 1x) }',
        "@IMPORT 'other.css';",
    ],
)
def test_a_style_that_loads_is_found(tmp_path, css):
    assert validate_site(site_of(tmp_path, css=css)) == ["site.css: loads another file"]


@pytest.mark.parametrize(
    "script", ["fetch('https://x/y')", 'new WebSocket("wss://x")', "import('//x/y.js')"]
)
def test_a_script_that_names_an_address_is_found(tmp_path, script):
    (site_of(tmp_path) / "site.js").write_text(script, encoding="utf-8")
    assert validate_site(tmp_path) == ["site.js: names an address elsewhere"]


def test_a_picture_that_loads_is_found(tmp_path):
    picture = '<svg><image href="https://x/y.png"/></svg>'
    (site_of(tmp_path) / "icon.svg").write_text(picture, encoding="utf-8")
    assert validate_site(tmp_path) == ["icon.svg: loads https://x/y.png"]
