"""The validator refuses each load, dead link, repeated id and raw text, and nothing else."""

import pytest

from site_builder.validate import SiteCheck, validate_site

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
        '<a href="data.csv" download>data</a><a href="https://example.org/data.csv">data</a>'
        '<svg><clipPath id="cut"/><rect fill="url(#cut)"/></svg><!-- <marquee onclick> -->'
        '<a href="oth%65r.html?q#th%65re">y</a><a href="#top" href="gone.html">only once</a><p title=" onclick=x()"> onload</p>'
    )
    (tmp_path / "data.csv").write_text("a,b")
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
        ('<a href=" #nowhere">x</a>', "and the page has no such id"),
        ('<a href="data.csv">x</a>', "links to data.csv, which is not in the site"),
        ('<a href="empty.csv">x</a>', "links to empty.csv, which is empty"),
        ('<a href="empty.json?x#y" download>x</a>', "links to empty.json?x#y, which is empty"),
        ('<a href="https://x/y.csv" download>x</a>', "https://x/y.csv, which is not in the site"),
        ('<a href="linked.csv">x</a>', "links to linked.csv, which is not in the site"),
        ("<marquee>x</marquee>", "has an element marquee"),
        ("<MARQUEE\t>x</MARQUEE>", "has an element marquee"),
        ("<x-b>x</x-b>", "has an element x-b"),
        ("<frame>", "has an element frame"),
        ('<image src="gone.png">', "loads gone.png, which is not in the site"),
        ('<iframe src="other.html"></iframe>', "has an element iframe"),
        ("<svg><a><set/></a></svg>", "has an element set"),
        ("<p><marquee></marquee><marquee></marquee></p>", "has an element marquee"),
        ('<b class="x"ONload=x()>x</b>', "has an inline handler onload"),
        ("<b/onclick>x</b>", "has an inline handler onclick"),
        ('<img src="gone.png" src="other.html">', "loads gone.png, which is not in the site"),
        ('<svg><a href="#top" xlink:HREF="javascript:x()"/></svg>', "links to javascript:x()"),
        ("<p style=\"\\40 import 'x'\">x</p>", "loads from a style attribute"),
        ("<p style=\"@import 'x'\">x</p>", "loads from a style attribute"),
        ('<svg><rect mask="u\\72l(https://x)"/></svg>', "loads from the attribute mask"),
        ("<svg><style><![CDATA[@import 'x']]></style></svg>", "loads from a style element"),
        ("<svg><style>@imp<!-- -->ort&#32;'x'</style></svg>", "loads from a style element"),
        ("<svg><script>x()</script></svg>", "has an inline script"),
        ('<svg><desc><p style="background:url(x)"></desc></svg>', "loads from a style attribute"),
        ("<template><b onclick=x()></b></template>", "has an inline handler onclick"),
        (
            '<template><template><script src="//x/y"></script></template></template>',
            "loads //x/y",
        ),
        ('<template><p id="top"></p></template>', "the id 'top' stands 2 times"),
        ("<script type=application/json>{]</script>", "has JSON that does not parse"),
        ("<script type=application/json>[NaN]</script>", "has JSON that does not parse"),
        ("<script type=application/ld+json></script>", "has JSON that does not parse"),
        (f"<script type=application/json>{'[' * 10**5}</script>", "has JSON that does not parse"),
        ('<script type=application/json>["</p>"]</script>', "has JSON that could end its script"),
    ],
)
def test_each_fault_is_found(tmp_path, extra, fault):
    (tmp_path / "outside.html").write_text("there is something outside", encoding="utf-8")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/empty.csv").touch()
    (tmp_path / "site/empty.json").touch()
    (tmp_path / "site/linked.csv").symlink_to(tmp_path / "outside.html")
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


@pytest.mark.parametrize(
    "extra",
    [
        '<noscript><img src="https://x"></noscript>',
        # To a browser that runs scripts, the first end tag ends the text.
        '<noscript><p title="</noscript><img src=https://x>"></p></noscript>',
        '<template><noscript><p title="</noscript><b onclick=x()>"></p></noscript></template>',
    ],
)
def test_nothing_hides_where_a_browser_runs_no_script(tmp_path, extra):
    assert validate_site(site_of(tmp_path, extra))


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        ("<svg><path></svg>", "is not well-formed: mismatched tag: line 1, column 13"),
        ('<svg><a xlink:href="#x"/></svg>', "is not well-formed: unbound prefix: line 1, column 5"),
        ('<!DOCTYPE svg [<!ENTITY x "y">]><svg/>', "has a DOCTYPE or an instruction"),
        ('<?xml-stylesheet href="//x"?><svg/>', "has a DOCTYPE or an instruction"),
        ('<svg xmlns:l="http://www.w3.org/1999/xlink"><use l:href="//x"/></svg>', "loads //x"),
        ('<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:use href="//x"/></s:svg>', "loads //x"),
        ("<svg><style>@im<![CDATA[port 'x']]></style></svg>", "loads from a style element"),
        ("<svg><script>x()</script></svg>", "has an inline script"),
        ('<svg onload="x()"/>', "has an inline handler onload"),
        ('<svg fill="url(//x)"/>', "loads from the attribute fill"),
        ('<svg xml:base="//x"/>', "has the attribute xml:base"),
        ("<svg><foreignObject/></svg>", "has an element foreignobject"),
        ('<svg><a href="gone.html"/></svg>', "links to gone.html, which is not in the site"),
        (
            '<svg><foreignObject><a href="gone.html"/></foreignObject></svg>',
            "links to gone.html, which is not in the site",
        ),
        ('<svg id="x"><g id="x"/></svg>', "the id 'x' stands 2 times"),
    ],
)
def test_a_picture_is_read_as_xml(tmp_path, picture, fault):
    (site_of(tmp_path) / "badge.svg").write_text(picture, encoding="utf-8")
    assert validate_site(tmp_path) == [f"badge.svg: {fault}"]


FEED = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>https://x/y</id>'
    '<link rel="self" href="https://x/feed.xml"/><entry>{}</entry></feed>'
)


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        ('<link href="../other.html#there"/><summary type="html">&lt;b></summary>', []),
        ('<link href="gone.html"/>', ["links to gone.html, which is not in the site"]),
        ('<link href="../other.html#x"/>', [
            "links to ../other.html#x, and the page has no such id"
        ]),
        ('<link href="javascript:x()"/>', ["links to javascript:x()"]),
        ('<content src="https://x"/>', ["loads https://x"]),
        ('<link xml:base="https://x" href="../other.html"/>', ["has the attribute xml:base"]),
        ("&nbsp;", ["is not well-formed: undefined entity: line 1, column 134"]),
    ],
)  # fmt: skip
def test_the_links_of_a_feed_lead_somewhere(tmp_path, entry, faults):
    (site_of(tmp_path) / "feeds").mkdir()
    (tmp_path / "feeds/ranks.xml").write_text(FEED.format(entry), encoding="utf-8")
    assert validate_site(tmp_path) == [f"feeds/ranks.xml: {fault}" for fault in faults]


def test_an_entity_is_never_expanded(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    (site_of(tmp_path) / "feed.xml").write_text(bomb, encoding="utf-8")
    assert validate_site(tmp_path) == ["feed.xml: has a DOCTYPE or an instruction"]


def test_a_page_in_another_encoding_is_refused(tmp_path):
    (site_of(tmp_path) / "other.html").write_bytes(OTHER.replace(">y<", ">é<").encode("latin-1"))
    assert validate_site(tmp_path) == ["other.html: is not UTF-8"]


@pytest.mark.parametrize(
    ("extra", "is_raw"),
    [
        ("GPT <b>x</b> & co", True),
        ("GPT &lt;b&gt;x&lt;/b&gt; &amp; co", False),
        ('<script type="application/json">["GPT <b>x</b> & co"]</script>', True),
        ('<script type="application/json">["GPT <b>x<\\/b> & co"]</script>', False),
        ("< 3 'said' \"so\" & so", False),
    ],
)
def test_an_upstream_text_is_never_shown_as_markup(tmp_path, extra, is_raw):
    texts = ["GPT <b>x</b> & co", "< 3 'said' \"so\" & so", "y"]
    faults = validate_site(site_of(tmp_path, extra), texts)
    assert bool(faults) == is_raw


def test_an_upstream_text_may_stand_in_json_and_nowhere_else(tmp_path):
    block = '<script type="application/json">["GPT <b>x"]</script>'
    raw = "index.html: shows the upstream text 'GPT <b>x' as markup"
    assert validate_site(site_of(tmp_path, block), ["GPT <b>x"]) == []
    assert validate_site(site_of(tmp_path, f"{block}GPT <b>x</b>"), ["GPT <b>x"]) == [raw]


def test_an_upstream_text_does_not_hide_in_a_block_of_its_own(tmp_path):
    text = '<script type="application/json">[]</script>'
    [fault] = validate_site(site_of(tmp_path, text), [text])
    assert fault.startswith("index.html: shows the upstream text")


def test_the_root_element_is_judged_too(tmp_path):
    page = OTHER.replace("<html>", '<html manifest="https://x">')
    (site_of(tmp_path) / "other.html").write_text(page, encoding="utf-8")
    assert validate_site(tmp_path) == ["other.html: loads https://x"]


def test_a_figure_in_plain_tags_is_taken_for_our_own(tmp_path):
    site = site_of(tmp_path, "<b>11</b><p></p><b class>11</b>")
    assert validate_site(site, ["<b>11</b>", "<p></p>", "<p>"]) == []
    raw = "index.html: shows the upstream text '<b class>11' as markup"
    assert validate_site(site, ["<b class>11"]) == [raw]


def test_a_fault_elsewhere_does_not_hide_a_strange_element(tmp_path):
    site = site_of(tmp_path, '<video></video><img src="gone.png">')
    assert validate_site(site) == [
        "index.html: loads gone.png, which is not in the site",
        "index.html: has an element video",
    ]


def test_pages_that_are_looked_at_early_are_judged_by_the_files_that_come(tmp_path):
    extra = '<a href="late.csv">x</a><img src="gone.png"><script>x()</script><b id="top"></b>'
    check = SiteCheck(site_of(tmp_path, extra), ["<u>"])
    check.look_at("index.html")
    (tmp_path / "late.csv").write_text("a")
    late = '<a href="index.html#nowhere">x</a><u>'
    (tmp_path / "late.html").write_text(late, encoding="utf-8")
    check.look_at("late.html")
    found = check.faults()
    assert found == validate_site(tmp_path, ["<u>"])
    assert len(found) == 6
    (tmp_path / "gone.png").write_bytes(b"x")
    assert (
        check.faults() == validate_site(tmp_path, ["<u>"]) == [f for f in found if "gone" not in f]
    )
    (tmp_path / "late.csv").write_text("")
    check = SiteCheck(tmp_path)
    check.look_at("index.html")
    assert "index.html: links to late.csv, which is empty" in check.faults()
