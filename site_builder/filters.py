"""How values are said in templates, and the environment that renders these."""

import math
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid5

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    Template,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context, Macro
from jinja2.utils import htmlsafe_json_dumps
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from site_builder.addresses import badge_path, benchmark_path, model_path, source_path
from site_builder.charts import clipped
from site_builder.marts import Row
from site_builder.rendered import HERE, code_sha256
from site_builder.scoreboard_toml import moment
from site_builder.wording import MARKS, chance, figure, percent, rank_range, signed

# Markup in a text is shown as text.
MARKDOWN = MarkdownIt("commonmark", {"html": False})
INTO_REPOSITORY = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
SPECIAL = re.compile(r"[&<>'\"]")
HOVERED = 300
ONE_THING = {
    "runs": "run",
    "ranked runs": "ranked run",
    "cells": "cell",
    "tasks": "task",
    "calls": "call",
    "configurations": "configuration",
    "versions": "version",
    "errors": "error",
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
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                pass
        return super().getattr(obj, attribute)


def _escaped(value: Any) -> str:
    """What `escape` says, without asking four times whether it is safe already."""
    kind = type(value)
    if kind is Markup or (kind is str and SPECIAL.search(value) is None):
        return value  # type: ignore[no-any-return]
    return str(value) if kind is float or kind is int else escape(value)


class _Template(Template):
    """Puts texts together as they are: what it writes out is asked no more whether it is safe."""

    @classmethod
    def from_code(cls, *given: Any, **named: Any) -> Template:
        """The template, with the quicker `escape` among the names of its code."""
        made = super().from_code(*given, **named)
        made.root_render_func.__globals__["escape"] = _escaped
        return made


class _Made(dict[Any, Markup]):
    """What a macro makes of a key."""

    def __init__(self, macro: Macro) -> None:
        self._macro = macro

    def __missing__(self, key: Any) -> Markup:
        return self.setdefault(key, Markup(self._macro(key)))  # noqa: S704


def _once(made: dict[tuple[str | None, str, str], _Made]) -> Callable[[Context, Macro], _Made]:
    """A macro as a lookup that all pages of a template and a folder share.

    Only for a macro that says the same on each of them.
    """

    @pass_context
    def once(context: Context, macro: Macro) -> _Made:
        key = (context.name, context["root"], macro.name)
        return made.setdefault(key, _Made(macro))

    return once


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
        cut=_cut,
        plain=_plain,
        said=_said,
        spoken=lambda key: key.replace("_", " "),
        named=_named,
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
        # Said tens of thousands of times on a site: a macro takes ten times as long.
        absent=_absent,
        mark=_mark,
        meter=_meter,
        share=_share,
        urn=_urn,
        inline=_inline,
        prose=_prose,
        is_web=_is_web,
    )
    made.template_class = _Template
    made.globals.update(once=_once({}))
    return made


@cache
def _absent(reason: str) -> Markup:
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


def _meter(
    value: float, role: str = "", low: float | None = None, high: float | None = None
) -> Markup:
    """A score as a bar, with its interval if it has one."""
    ends = "" if low is None or high is None else f";--low:{low:.1f}%;--high:{high:.1f}%"
    return Markup(  # noqa: S704
        f'<span class="meter {role}" style="--value:{value:.1f}%{ends}" aria-hidden="true"></span>'
    )


def _share(points: float) -> Markup:
    """Points that something adds or takes."""
    text = signed(points, on_page=True)
    kind = {"+": "gain", "−": "loss"}.get(text[0], "")
    return Markup(f'<span class="{kind}">{text}</span>')  # noqa: S704


def _hundredths(value: float) -> str:
    """A correlation to two decimals, with a real minus."""
    text = f"{value:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text


def _cut(score: Decimal | float) -> str:
    """A score to one decimal, cut: 89.999 must not read as if it had reached 90."""
    exact = score if isinstance(score, Decimal) else Decimal(str(score))
    return f"{exact.quantize(Decimal('0.1'), ROUND_FLOOR)}"


def _plain(value: Decimal) -> str:
    """A decimal in full, without the zeros that its column adds."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _said(key: str, catalogue: Mapping[str, str]) -> str:
    """What a key is called; one that nobody put into words is said as it is."""
    return catalogue.get(key, key.replace("_", " "))


def _named(text: str, longest: int = 48) -> Markup:
    """A text of somebody else, apart from ours, cut where it is overlong; more of it on hover."""
    short = clipped(text, longest)
    if short == text:
        return Markup("<bdi>{0}</bdi>").format(text)
    return Markup('<bdi title="{0}">{1}</bdi>').format(clipped(text, HOVERED), short)


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
