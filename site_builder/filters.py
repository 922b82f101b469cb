"""How values are said in templates, and the environment that renders these."""

import math
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid5

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.utils import htmlsafe_json_dumps
from markdown_it import MarkdownIt
from markupsafe import Markup

from site_builder.addresses import badge_path, benchmark_path, model_path, source_path
from site_builder.marts import Row
from site_builder.rendered import HERE, code_sha256
from site_builder.scoreboard_toml import moment
from site_builder.wording import MARKS, chance, figure, percent, rank_range, signed

# Markup in a text is shown as text.
MARKDOWN = MarkdownIt("commonmark", {"html": False})
INTO_REPOSITORY = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
ONE_THING = {
    "payloads": "payload",
    "snapshots": "snapshot",
    "labels": "label",
    "models": "model",
    "figures": "figure",
    "rows": "row",
    "older steps": "older step",
}


class RowEnvironment(Environment):
    """Looks a name up in a row before among the methods of dictionaries: half the time."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value that a template means by `obj.attribute`."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Compiled(FileSystemBytecodeCache):
    """Templates compiled by this very code, as Python keeps modules; what cannot be kept is not."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, where files can be written."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled() -> _Compiled | None:
    """The compiled templates of this code; those of other code are dropped."""
    folder = HERE / "__pycache__" / f"templates-{code_sha256()[:16]}"
    try:
        for other in folder.parent.glob("templates-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _Compiled(str(folder), "%s.pyc")


def environment() -> Environment:
    """Templates that escape what they are given, with the filters of this module."""
    made = RowEnvironment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_compiled(),
    )
    made.filters.update(
        points=lambda value: f"{value:.0f}",
        decimal=lambda value: f"{value:.1f}",
        percent=percent,
        chance=chance,
        tenths=lambda share: f"{share * 100:.1f}%",
        hundredths=_hundredths,
        margin=_margin,
        ranks=_ranks,
        listed=_listed,
        weight=lambda value: f"{value:.10g}",
        price=price_of,
        count=count_of,
        figure=figure,
        signed=lambda value: signed(value, on_page=True),
        step=_step,
        size=_size,
        counted=_counted,
        moment=moment,
        day=lambda value: f"{value:%Y-%m-%d}",
        age=_age,
        model=model_path,
        benchmark=benchmark_path,
        source=source_path,
        badge=badge_path,
        urn=_urn,
        inline=_inline,
        prose=_prose,
        is_web=_is_web,
    )
    # Said tens of thousands of times on a site: made once each.
    made.globals.update(absent=_absent, mark=_mark)
    return made


@cache
def _absent(reason: str = "not measured") -> Markup:
    """The dash that stands where there is nothing, and why."""
    return Markup('<span class="absent" role="img" aria-label="{0}" title="{0}">—</span>').format(
        reason
    )


@cache
def _mark(evidence_class: str) -> Markup:
    """The mark of an evidence class: its shape says what kind of figure it is."""
    name, meaning = MARKS[evidence_class]
    return Markup(
        '<span class="mark mark-{0}" role="img" aria-label="{0}" title="{1}"></span>'
    ).format(name, meaning)


def _hundredths(value: float) -> str:
    """A correlation to two decimals, with a real minus."""
    text = f"{value:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text


def _margin(gain: float) -> str:
    """A gain to two decimals, cut as a share is: it must not read as if it had reached its bar."""
    return signed(math.floor(gain * 100 + 1e-9) / 100, decimals=2, on_page=True)


def _ranks(row: Row) -> str:
    """The range of ranks that a row may hold; nothing where it has no rank."""
    if row["rank_low"] is None:
        return ""
    return rank_range(row["rank_low"], row["rank_high"], on_page=True)


def _listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def _age(hours: int) -> str:
    """An age in the largest unit that says enough; a board may speak for a moment before."""
    if hours < 0:
        return "newer than this board"
    return f"{hours} h old" if hours < 48 else f"{hours // 24} days old"


def price_of(value: float) -> str:
    """USD; cents, and two digits where cents would show a price as nothing."""
    return f"{value:,.2f}" if value == 0 or value >= 0.1 else f"{value:.2g}"


def count_of(value: float) -> str:
    """Whole numbers; one digit where these would show a count as nothing."""
    return f"{value:,.0f}" if value == 0 or value >= 1 else f"{value:.1g}"


def _step(change: float) -> str:
    """A change in whole points; nothing where it rounds to nothing."""
    text = signed(change, decimals=0, on_page=True)
    return "" if text == "0" else text


def _size(count: int) -> str:
    """The size of a file in the largest unit that says enough."""
    for unit, bytes_of_it in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= bytes_of_it:
            return f"{count / bytes_of_it:,.1f} {unit}"
    return f"{count} B"


def _counted(count: int, things: str) -> str:
    """How many things of a kind, in words."""
    if count == 1:
        return f"1 {ONE_THING.get(things, things)}"
    return f"{count:,} {things}" if count else f"no {things}"


def packed(value: Any) -> Markup:
    """Data for the script of a page, without a space to spare."""
    return htmlsafe_json_dumps(value, separators=(",", ":"), ensure_ascii=False)


def _inline(text: str) -> Markup:
    """A sentence with its code marked, as descriptions in the warehouse are written."""
    return Markup(MARKDOWN.renderInline(text))  # noqa: S704


def _prose(text: str) -> Markup:
    """A page of our own in Markdown; links into the repository are words here."""
    return Markup(MARKDOWN.render(INTO_REPOSITORY.sub(r"\1", text)))  # noqa: S704


def _urn(thing: str) -> str:
    """A name for a thing of this site that is the same each time and needs no address."""
    return uuid5(NAMESPACE_OID, f"benchmart {thing}").urn


def _is_web(address: str | None) -> bool:
    """Whether a click may follow the address; what is no sound address is shown as text."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    sound = re.fullmatch(r"[^\s\x00-\x1f\\]+", address or "") is not None
    return sound and parts.scheme in {"http", "https"} and bool(parts.hostname)
