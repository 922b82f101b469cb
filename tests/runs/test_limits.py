"""Rate limits against their definition, written plainly, and against a window function."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from math import ceil
from pathlib import Path

import duckdb
import pytest

from loaders.errors import SeedUnusable
from loaders.runs.limits import Attempt, Layer, Limits, Verdict, Windows, read_limits

SEED = Path(__file__).parents[2] / "seeds" / "runs" / "run_limits.csv"
NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
US = timedelta(microseconds=1)
S = 10**6
STREAMS = range(40)
ATTEMPTS = 3_000


def layer(name="nickname", key=("nickname",), limit=2, window_s=60, applies_to_files=True):
    return Layer(
        layer=name, key=key, limit=limit, window_s=window_s, applies_to_files=applies_to_files
    )


def attempt(after=0.0, *, ip="a", nickname="n", model="m"):
    return Attempt(
        at=NOON + timedelta(seconds=after),
        route="file" if ip is None else "http",
        ip=ip,
        nickname=nickname,
        model=model,
    )


def windows(*layers, accepted=()):
    made = Windows(Limits(layers))
    for seconds in accepted:
        made.record(attempt(seconds))
    return made


# The definition: how many accepted attempts of the key lie in (t - window, t].


class Definition:
    """Everything that was ever accepted, looked through for every question; times in µs."""

    def __init__(self, layers):
        self.layers = layers
        self.accepted = defaultdict(list)

    def applies(self, one, route):
        return route == "http" or not ("ip" in one.key or not one.applies_to_files)

    def of_key(self, one, fields):
        return self.accepted[(one.layer, *(fields[name] for name in one.key))]

    def within(self, one, fields, t):
        start = t - one.window_s * S
        return [a for a in self.of_key(one, fields) if start < a <= t]

    def verdict(self, t, route, fields):
        fired, spared = [], []
        for one in self.layers:
            if not self.applies(one, route):
                spared.append(one.layer)
                continue
            within = sorted(self.within(one, fields, t), reverse=True)
            if len(within) >= one.limit:
                fired.append((one, within[one.limit - 1] + one.window_s * S - t))
        if not fired:
            return Verdict(is_allowed=True, layers_not_applicable=tuple(spared))
        worst, wait = fired[0]
        for one, longer in fired[1:]:
            if longer > wait:
                worst, wait = one, longer
        return Verdict(
            is_allowed=False,
            layer=worst.layer,
            layers_fired=tuple(one.layer for one, _ in fired),
            layers_not_applicable=tuple(spared),
            limit=worst.limit,
            window_s=worst.window_s,
            retry_after_s=ceil(Fraction(wait, S)),
        )

    def record(self, t, route, fields):
        for one in self.layers:
            if self.applies(one, route):
                self.of_key(one, fields).append(t)


def layers_of(rng, number):
    """The layers of the seed for every other stream, any others for the rest."""
    if number % 2 == 0:
        return read_limits(SEED).layers
    keys = [("ip",), ("nickname",), ("model",), ("nickname", "model"), ("ip", "model")]
    return tuple(
        layer(f"layer_{i}", key, rng.randint(1, 8), rng.choice([1, 7, 60, 60, 900]), rng.random() < 0.6)
        for i, key in enumerate(rng.sample(keys, rng.randint(1, 4)))
    )  # fmt: skip


def next_time(rng, t, gap, layers, recent, promised):
    """Like people, like scripts, and at the borders of windows."""
    kind = rng.random()
    if kind < 0.2:
        return t
    if kind < 0.3 and promised is not None and promised >= t:
        return promised
    if kind < 0.5 and recent:
        border = rng.choice(recent[-200:]) + rng.choice(layers).window_s * S
        border += rng.choice([-S, -1, 0, 0, 1, S])
        if t <= border <= t + (20 * gap if rng.random() < 0.95 else 10**15):
            return border
    if kind < 0.6:
        return t + rng.choice([1, S, 60 * S])
    return t + int(rng.expovariate(1 / gap))


def stream(number):
    """Rows of a stream with what both say: the windows and the definition."""
    rng = random.Random(f"stream {number}")
    layers = layers_of(rng, number)
    # A few seconds, minutes or quarters of an hour apart, by few or many.
    gap = [S // 2, 20 * S, 300 * S, 3 * S, 90 * S][number % 5]
    ips, names, models = rng.choice([(1, 1, 1), (2, 3, 2), (8, 5, 4), (60, 40, 10)])
    file_share = rng.choice([0, 0.2, 0.8])
    tested, plain = Windows(Limits(layers)), Definition(layers)
    t, recent, promised, rows = 0, [], None, []
    for _ in range(ATTEMPTS):
        t = next_time(rng, t, gap, layers, recent, promised)
        route = "file" if rng.random() < file_share else "http"
        fields = {
            "ip": None if route == "file" else f"ip{rng.randrange(ips)}",
            "nickname": f"n{rng.randrange(names)}",
            "model": f"m{rng.randrange(models)}",
        }
        said = tested.verdict(
            one := Attempt(at=NOON + timedelta(microseconds=t), route=route, **fields)
        )
        rows.append((t, route, fields, said, plain.verdict(t, route, fields)))
        if said.is_allowed:
            tested.record(one)
            plain.record(t, route, fields)
            recent.append(t)
        else:
            promised = t + said.retry_after_s * S
            # The promise by the definition: then the layer lets it in, and a second before not.
            [fired] = [one for one in layers if one.layer == said.layer]
            assert len(plain.within(fired, fields, promised)) < fired.limit
            assert len(plain.within(fired, fields, promised - S)) >= fired.limit
    return layers, rows


@pytest.fixture(scope="module")
def streams():
    return [stream(number) for number in STREAMS]


def test_verdicts_are_those_of_the_definition(streams):
    seen = defaultdict(int)
    for _, rows in streams:
        for *_, said, expected in rows:
            assert said == expected
            seen["allowed"] += said.is_allowed
            seen["fired"] += bool(said.layers_fired)
            seen["several"] += len(said.layers_fired) > 1
            seen["not the first"] += (
                len(said.layers_fired) > 1 and said.layer != said.layers_fired[0]
            )
            seen["spared"] += bool(said.layers_not_applicable)
    # So that the streams are none of one kind only.
    assert len(seen) == 5 and min(seen.values()) > 500, dict(seen)


def test_what_a_window_function_lets_in_the_verdicts_let_in(streams):
    """Every attempt counts there, refused or not, so it can only be stricter."""
    let_in = refused = stricter = 0
    for layers, rows in streams:
        checks = []
        for one in layers:
            applies = "true" if one.applies_to_files and "ip" not in one.key else "route = 'http'"
            checks.append(
                f"""(not ({applies}) or count(*) filter (where {applies}) over (
                    partition by {", ".join(one.key)} order by tried_at
                    range between interval {one.window_s} seconds preceding and current row
                ) - 1 < {one.limit})"""
            )
        times, routes, fields, said, _ = zip(*rows, strict=True)
        with duckdb.connect() as connection:
            answers = connection.execute(
                f"""
                with attempts as (
                    select
                        unnest($1::bigint[]) as n, make_timestamp(unnest($2::bigint[])) as tried_at,
                        unnest($3::varchar[]) as route, unnest($4::varchar[]) as ip,
                        unnest($5::varchar[]) as nickname, unnest($6::varchar[]) as model
                )

                select {" and ".join(checks)} from attempts order by n
                """,
                [
                    list(range(len(rows))),
                    list(times),
                    list(routes),
                    *([row[name] for row in fields] for name in ("ip", "nickname", "model")),
                ],
            ).fetchall()
        assert len(answers) == len(said)
        for (is_let_in,), verdict in zip(answers, said, strict=True):
            assert verdict.is_allowed or not is_let_in
            let_in += is_let_in
            refused += not verdict.is_allowed
            stricter += verdict.is_allowed and not is_let_in
    assert min(let_in, refused, stricter) > 1_000


@pytest.mark.parametrize(
    "after, retry_after_s",
    [
        (0, 60),
        (0.000001, 60),
        (0.5, 60),
        (1, 59),
        (1.000001, 59),
        (59, 1),
        (59.000001, 1),
        (59.999999, 1),
        (60, None),
        (60.000001, None),
    ],
)
def test_an_accepted_attempt_counts_until_its_window_ends(after, retry_after_s):
    said = windows(layer(limit=1), accepted=[0]).verdict(attempt(after))
    assert (said.is_allowed, said.retry_after_s) == (retry_after_s is None, retry_after_s)


def test_moments_have_microseconds():
    said = windows(layer(limit=1), accepted=[0.25])
    assert said.verdict(attempt(60.249999)).retry_after_s == 1
    assert said.verdict(attempt(60.25)).is_allowed


def test_a_verdict_says_what_a_client_needs():
    limits = windows(layer("ip", ("ip",), 1, 60), layer(limit=1, window_s=90), accepted=[0])
    assert limits.verdict(attempt(10.5)) == Verdict(
        is_allowed=False,
        layer="nickname",
        layers_fired=("ip", "nickname"),
        layers_not_applicable=(),
        limit=1,
        window_s=90,
        retry_after_s=80,
    )
    assert limits.verdict(attempt(90)) == Verdict(is_allowed=True)


def test_of_equal_waits_the_first_layer_is_named():
    one, two = layer("one", ("model",), 1, 60), layer("two", ("nickname",), 1, 60)
    assert windows(one, two, accepted=[0]).verdict(attempt(1)).layer == "one"
    assert windows(two, one, accepted=[0]).verdict(attempt(1)).layer == "two"


def test_waits_are_compared_before_they_are_rounded():
    limits = windows(layer("model", ("model",), 1, 60), layer(limit=1))
    limits.record(attempt(0, nickname="other"))
    limits.record(attempt(0.4, model="other"))
    said = limits.verdict(attempt(1))
    assert (said.layer, said.retry_after_s) == ("nickname", 60)


def test_the_wait_is_for_as_many_as_are_too_many():
    # Four are in the window and two are allowed: it is the third that has to leave.
    said = windows(layer(limit=2), accepted=[0, 10, 20, 30]).verdict(attempt(31))
    assert said.retry_after_s == 20 + 60 - 31


def test_a_retry_at_the_promised_moment_is_let_in():
    accepted = [0, 0.1, 7.3]
    for later in (7.3, 8.05, 12, 59.999999):
        refused = windows(layer(limit=3), accepted=accepted).verdict(attempt(later))
        again = windows(layer(limit=3), accepted=accepted)
        assert again.verdict(attempt(later + refused.retry_after_s)).is_allowed


def test_refused_attempts_do_not_count():
    limits = windows(layer(limit=1), accepted=[0])
    for second in range(1, 60):
        assert not limits.verdict(attempt(second)).is_allowed
    assert limits.verdict(attempt(60)).is_allowed


def test_asking_is_not_recording():
    limits = windows(layer(limit=1))
    for _ in range(3):
        assert limits.verdict(attempt()).is_allowed


def test_keys_are_apart_field_by_field():
    limits = windows(layer("both", ("nickname", "model"), 1))
    limits.record(attempt(nickname="ab", model="c"))
    assert not limits.verdict(attempt(nickname="ab", model="c")).is_allowed
    for nickname, model in (("a", "bc"), ("ab", "d"), ("c", "ab")):
        assert limits.verdict(attempt(nickname=nickname, model=model)).is_allowed


def test_a_file_is_neither_refused_nor_counted_where_it_has_no_say():
    by_ip, web_only, every = layer("ip", ("ip",), 1), layer("web", ("model",), 1), layer(limit=2)
    limits = windows(by_ip, replace(web_only, applies_to_files=False), every)
    limits.record(attempt(ip=None))
    said = limits.verdict(attempt(ip=None))
    assert said == Verdict(is_allowed=True, layers_not_applicable=("ip", "web"))
    said = limits.verdict(attempt(1))
    assert said == Verdict(is_allowed=True)
    limits.record(attempt(1))
    said = limits.verdict(attempt(2, ip=None))
    assert (said.layers_fired, said.layers_not_applicable) == (("nickname",), ("ip", "web"))
    said = limits.verdict(attempt(2))
    assert (said.layers_fired, said.layers_not_applicable) == (("ip", "web", "nickname"), ())


def test_time_does_not_go_back():
    limits = windows(layer())
    limits.verdict(attempt(1))
    limits.record(attempt(1))
    for seen in (limits.verdict, limits.record):
        with pytest.raises(ValueError, match="in the order of their times"):
            seen(Attempt(at=NOON + timedelta(seconds=1) - US, route="file", ip=None, nickname="n", model="m"))  # fmt: skip


def test_what_has_left_the_window_is_forgotten():
    limits = windows(layer(limit=3), layer("ip", ("ip",), 1, 10))
    for second in range(1_000):
        limits.record(attempt(second / 10, nickname=f"n{second}", ip=f"i{second % 7}"))
    assert limits.remembered == 600 + 7
    limits.record(attempt(99.9))
    for _ in range(50):
        limits.record(attempt(99.9))
    # No more of a key than its limit, however many were accepted.
    assert limits.remembered == 600 + 3 + 7 + 1
    limits.verdict(attempt(99.9 + 60))
    assert limits.remembered == 0


def test_a_key_in_use_keeps_no_old_moments_and_no_other_keys_alive():
    limits = windows(layer(limit=3), accepted=[0, 50])
    limits.record(attempt(51, nickname="other"))
    limits.record(attempt(100))
    assert limits.remembered == 3
    limits.verdict(attempt(111))
    assert limits.remembered == 2


def test_the_last_year_there_is_overflows_nothing():
    late = datetime.max.replace(tzinfo=UTC)
    limits = windows(layer(limit=1))
    for moment in (datetime.min.replace(tzinfo=UTC), late):
        one = replace(attempt(), at=moment)
        assert limits.verdict(one).is_allowed
        limits.record(one)
    assert limits.verdict(replace(attempt(), at=late)).retry_after_s == 60


def test_attempts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="has an ip"):
        Attempt(at=NOON, route="http", ip=None, nickname="n", model="m")
    with pytest.raises(ValueError, match="has none"):
        Attempt(at=NOON, route="file", ip="a", nickname="n", model="m")
    for moment in (NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=2)))):
        with pytest.raises(ValueError, match="not in UTC"):
            replace(attempt(), at=moment)
    for wrong in (
        {"limit": 0},
        {"window_s": 0},
        {"key": ()},
        {"key": ("ip", "ip")},
        {"key": ("x",)},
    ):
        with pytest.raises(ValueError, match="layer nickname"):
            layer(**wrong)
    with pytest.raises(ValueError, match="same name"):
        Limits((layer(), layer()))


def test_the_seed_has_three_layers():
    assert read_limits(SEED).layers == (
        layer("ip", ("ip",), 20, 3600, False),
        layer("nickname", ("nickname",), 100, 86400, True),
        layer("nickname_model", ("nickname", "model"), 5, 3600, False),
    )


HEADER = "layer,position,key_fields,attempt_limit,window_s,applies_to_files,rationale\n"


def test_layers_are_in_the_order_of_their_positions(tmp_path):
    path = tmp_path / "run_limits.csv"
    path.write_text(HEADER + "b,10,model,1,1,true,r\na,9,ip+model,2,3,false,r\n", "utf-8")
    assert read_limits(path).layers == (
        layer("a", ("ip", "model"), 2, 3, False),
        layer("b", ("model",), 1, 1, True),
    )


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "line 1: the header has to be layer,position,"),
        (HEADER, "lists no layer. Restore"),
        (HEADER + "a,1,ip,1,1,false\n", "line 2: 6 cells, and the header has 7"),
        (HEADER + '"a"b,1,ip,1,1,false,r\n', "line 2: .* Correct the quotes"),
        (HEADER + ",1,ip,1,1,false,r\n", "line 2: layer is empty. Fill it in"),
        (HEADER + "a,1,ip,1,1,false,\n", "line 2: rationale is empty"),
        (HEADER + "a,0,ip,1,1,false,r\n", "line 2: position is '0'. Write a whole number"),
        (HEADER + "a,1,ip,-1,1,false,r\n", "line 2: attempt_limit is '-1'"),
        (HEADER + "a,1,ip,1,1.5,false,r\n", "line 2: window_s is '1.5'"),
        (HEADER + "a,1,ip,1,1234567890,false,r\n", "line 2: window_s is '1234567890'"),
        (HEADER + "a,1,ip,١,1,false,r\n", "line 2: attempt_limit is '١'"),  # noqa: RUF001
        (HEADER + "a,1,ip,1,1,yes,r\n", "line 2: applies_to_files is 'yes'. Write true or false"),
        (HEADER + "a,1,ip,1,1,true,r\n", "line 2: a file has no ip"),
        (HEADER + "a,1,ip+port,1,1,false,r\n", "line 2: key_fields is 'ip.port'. Join some of ip"),
        (HEADER + "a,1,model+model,1,1,false,r\n", "line 2: key_fields is"),
        (HEADER + "a,1,ip,1,1,false,r\nb,1,ip,1,1,false,r\n", "line 3: position 1 is taken"),
        (HEADER + "a,1,ip,1,1,false,r\na,2,ip,1,1,false,r\n", "line 3: layer a is there already"),
    ],
)
def test_a_broken_seed_is_refused_with_its_row(tmp_path, text, said):
    path = tmp_path / "run_limits.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SeedUnusable, match=f"run_limits.csv: .*{said}"):
        read_limits(path)


def test_a_seed_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(SeedUnusable, match="cannot be read: No such file"):
        read_limits(tmp_path / "run_limits.csv")
    (tmp_path / "run_limits.csv").write_bytes(b"layer\xff")
    with pytest.raises(SeedUnusable, match="byte 5 is not UTF-8"):
        read_limits(tmp_path / "run_limits.csv")
