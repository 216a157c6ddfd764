"""Published contrasts: every value has a source that was seen, and what was not seen has none."""

from pdcraft.data.published_contrast import published_contrasts


def test_values_are_graded_and_sourced():
    for row in published_contrasts():
        assert (row.value is None) == (row.grade == "none")
        assert row.source
        assert row.kind in ("in_vivo", "ex_vivo")


def test_what_is_not_transcribed_is_not_printed():
    for agent in ("CLR 1501", "clr1502", "5-ALA"):
        rows = published_contrasts(agent)
        assert [row.text for row in rows] == ["not available"]
        assert not any(ch.isdigit() for ch in rows[0].text)


def test_text_of_a_value():
    first = published_contrasts("ICG")[0]
    assert first.text == "3.18 ± 1.74"
    assert published_contrasts("nothing") == ()
