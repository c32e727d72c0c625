"""Tests of `ClientValues`: which values of a page its user has changed."""

from __future__ import annotations

from fxlab.panel.controls.client_values import MAX_REVISIONS, ClientValues

SHOWN = {"cutoff": 500.0, "q": 1.0}


def test_only_values_that_differ_from_what_the_page_showed_were_changed():
    values = ClientValues(SHOWN)
    assert values.changed_by_user("page", 0, SHOWN) == {}
    assert values.changed_by_user("page", 0, {**SHOWN, "q": 2.0}) == {"q": 2.0}
    assert values.changed_by_user("page", 0, {**SHOWN, "q": 2.0}) == {}, "it only repeats the value"
    assert values.changed_by_user("other", 0, {**SHOWN, "cutoff": 90.0}) == {"cutoff": 90.0}


def test_value_that_a_page_repeats_does_not_overwrite_a_newer_one():
    values = ClientValues(SHOWN)
    values.changed_by_user("page", 0, SHOWN)
    revision = values.publish({**SHOWN, "cutoff": 800.0})
    assert values.changed_by_user("page", 0, {**SHOWN, "q": 3.0}) == {"q": 3.0}, "it has not received 800 Hz yet"
    assert values.changed_by_user("page", revision, {"cutoff": 800.0, "q": 3.0}) == {"q": 3.0}
    assert values.changed_by_user("page", revision, {"cutoff": 500.0, "q": 3.0}) == {"cutoff": 500.0}


def test_values_from_before_the_stages_changed_are_ignored():
    values = ClientValues(SHOWN)
    values.publish({"0.cutoff": 500.0}, reset=True)
    assert values.changed_by_user("page", 0, {"cutoff": 100.0}) == {}
    for _ in range(MAX_REVISIONS + 1):
        values.publish({"0.cutoff": 500.0})
    assert values.changed_by_user("page", 1, {"0.cutoff": 100.0}) == {}, "a revision that is not kept any more"


def test_value_that_could_not_be_applied_counts_as_changed_again():
    values = ClientValues(SHOWN)
    wrong = {**SHOWN, "cutoff": 9000.0}
    changed = values.changed_by_user("page", 0, wrong)
    values.retry("page", changed)
    assert values.refused is wrong
    assert values.changed_by_user("page", 0, wrong) == {"cutoff": 9000.0}


def test_values_that_a_page_does_not_show_are_published_once():
    values = ClientValues(SHOWN)
    values.changed_by_user("page", 0, SHOWN)
    assert values.unpublished(SHOWN) == {}
    assert values.unpublished({**SHOWN, "q": 4.0}) == {"q": 4.0}
    assert values.revision == 1
    values.changed_by_user("page", 1, {**SHOWN, "q": 4.0})
    assert values.unpublished({**SHOWN, "q": 4.0}) == {}
    values.forget("page")
    assert values.unpublished({**SHOWN, "q": 5.0}) == {}, "no page is left to show anything"
