"""Where things stand in a drawing: axes, labels that keep clear of each other, lines of labels."""

import itertools
import math
import random

import pytest

from site_builder.charts import (
    Axis,
    Box,
    Label,
    clipped,
    place_labels,
    spread,
    tenth,
    text_width,
)


def test_a_straight_axis_ends_at_round_numbers_and_goes_either_way():
    axis = Axis.around([7.2, 98.4], 460, 20)
    assert (axis.low, axis.high) == (0, 100)
    assert axis.ticks == [0, 20, 40, 60, 80, 100]
    assert (axis.at(0), axis.at(25), axis.at(100)) == (460, 350, 20)


def test_a_log_axis_gives_each_multiple_the_same_way():
    axis = Axis.around([0.175, 67.5], 0, 300, is_log=True)
    assert (axis.low, axis.high) == (0.1, 100)
    assert (axis.at(0.1), axis.at(1), axis.at(10), axis.at(100)) == (0, 100, 200, 300)
    assert axis.at(2) == round(100 + 100 * math.log10(2), 2)
    assert axis.ticks == [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (30, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]),
        (31, [0.1, 1, 10, 100]),
        (101, [0.1, 10]),
        (250, [0.1]),
    ],
)
def test_ticks_are_thinned_to_the_decades_and_then_by_half(gap, expected):
    assert Axis(0.1, 100, 0, 300, is_log=True).spaced(gap) == expected


def test_ticks_of_a_straight_axis_are_thinned_by_half():
    assert Axis(0, 100, 100, 0).spaced(20) == [0, 20, 40, 60, 80, 100]
    assert Axis(0, 100, 100, 0).spaced(21) == [0, 40, 80]


def test_an_axis_without_a_decade_keeps_a_tick():
    assert Axis(20, 50, 0, 10, is_log=True).spaced(100) == [20]


def test_boxes_overlap_by_area_and_hold_what_lies_within():
    box = Box(0, 0, 10, 10)
    assert box.overlap(Box(5, 8, 20, 20)) == 10
    assert box.overlap(Box(10, 0, 20, 10)) == 0
    assert box.holds(Box(0, 0, 10, 10)) and not box.holds(Box(0, 0, 10, 10.1))


def test_a_label_takes_the_room_on_the_side_of_its_anchor():
    width = text_width("word", 10)
    assert Label("word", 100, 50, "start").box(10) == Box(100, 41, 100 + width, 53)
    assert Label("word", 100, 50, "end").box(10).right == 100
    assert Label("word", 100, 50, "middle").box(10).left == 100 - width / 2


def test_names_stand_within_the_drawing_and_never_over_each_other():
    chance = random.Random(7)
    area = Box(40, 20, 360, 300)
    for count in (1, 5, 40):
        points = [
            (chance.uniform(40, 360), chance.uniform(20, 300), f"Model {n} of many", f"{n}")
            for n in range(count)
        ]
        dots = [Box(x - 4, y - 4, x + 4, y + 4) for x, y, *_ in points]
        labels = place_labels(points, area, dots, size=12, reach=9)
        boxes = [label.box(12) for label in labels]
        assert all(area.holds(box) for box in boxes)
        assert all(a.overlap(b) == 0 for a, b in itertools.combinations(boxes, 2))
        assert labels == place_labels(points, area, dots, size=12, reach=9)
        assert len(labels) == count or count > 5


def test_a_name_without_room_gives_way_to_its_short_form():
    area = Box(0, 0, 60, 40)
    labels = place_labels([(30, 20, "A name too long", "3")], area, size=12, reach=9)
    assert [label.text for label in labels] == ["3"]


def test_a_name_keeps_off_what_is_taken():
    point = [(100.0, 100.0, "name", "1")]
    area = Box(0, 0, 200, 200)
    first = place_labels(point, area, size=12, reach=9)[0]
    other = place_labels(point, area, [first.box(12)], size=12, reach=9)[0]
    assert other.text == "name" and other.box(12).overlap(first.box(12)) == 0


def test_places_are_spread_in_their_order_and_no_further_than_needed():
    assert spread([10, 50, 90], 10, 0, 100) == [10, 50, 90]
    assert spread([50, 51, 52], 10, 0, 100) == [50, 60, 70]
    assert spread([98, 97, 99], 10, 0, 100) == [90, 80, 100]
    assert spread([-5, 3], 10, 0, 100) == [0, 10]
    assert spread([5, 5, 5], 10, 0, 15) == [0, 10, 20]
    assert spread([], 10, 0, 100) == []


def test_texts_of_a_drawing_are_one_short_line():
    assert clipped("two\nlines") == "two lines"
    assert clipped("W" * 300, 10) == "W" * 9 + "…"
    assert (tenth(120.0), tenth(120.04), tenth(120.06), tenth(-0.5)) == (
        "120",
        "120",
        "120.1",
        "-0.5",
    )
