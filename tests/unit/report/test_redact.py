"""Secrets do not get into what is written down."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_metr.report import Redactor

from .records import properties

KEY = 'sk-Ab/9+z=="quoted" & spaced\\ü'


def test_a_secret_in_a_text_becomes_its_name() -> None:
    assert Redactor({"API_KEY": "s3cr3t!"}).text("key=s3cr3t!, s3cr3t!") == "key=[secret API_KEY], [secret API_KEY]"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    assert Redactor({"API_KEY": "s3cr3t!"}).text("nothing of note") == "nothing of note"
    assert Redactor({}).text("anything") == "anything"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        json.dumps(KEY)[1:-1],
        json.dumps(KEY, ensure_ascii=False)[1:-1],
        quote(KEY),
        quote(KEY, safe=""),
        quote_plus(KEY),
        quote(KEY, safe="")
        .replace("%2F", "%2f")
        .replace("%2B", "%2b")
        .replace("%3D", "%3d")
        .replace("%5C", "%5c")
        .replace("%C3%BC", "%c3%bc"),
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        base64.b64encode(KEY.encode()).decode().rstrip("="),
    ],
)
def test_every_usual_form_of_a_secret_is_found(form: str) -> None:
    assert Redactor({"KEY": KEY}).text(f"a {form} z") == "a [secret KEY] z"


@pytest.mark.parametrize("before", ["", "u", "us", "use"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_a_secret_inside_something_in_base64_is_found(before: str, after: str) -> None:
    secret = "correct-horse-battery"
    text = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    clean = Redactor({"PASSWORD": secret}).text(text)
    assert "[secret PASSWORD]" in clean
    left = clean.replace("[secret PASSWORD]", "")
    assert len(left) <= 4 + 4 + 4  # what shares a group with the neighbours, and the neighbours


def test_a_secret_with_a_newline_at_its_end_is_found_without_it() -> None:
    assert Redactor({"KEY": "s3cr3t!\n"}).text("s3cr3t! s3cr3t!\n") == "[secret KEY] [secret KEY]"


def test_a_short_value_is_left_alone() -> None:
    assert Redactor({"PIN": "123", "EMPTY": "", "SPACE": "     "}).text("1234     ") == "1234     "


def test_a_secret_that_holds_another_leaves_nothing_of_itself() -> None:
    redactor = Redactor({"INNER": "abcd", "OUTER": "xxabcdyy"})
    assert redactor.text("xxabcdyy abcd") == "[secret OUTER] [secret INNER]"


def test_secrets_that_overlap_are_hidden_together() -> None:
    redactor = Redactor({"A": "abcdef", "B": "defghi"})
    assert redactor.text("-abcdefghi-") == "-[secret A][secret B]-"


def test_a_secret_that_overlaps_itself_is_hidden_once() -> None:
    assert Redactor({"A": "abab"}).text("-ababab-") == "-[secret A]-"
    assert Redactor({"A": "abab"}).text("abababab") == "[secret A]"


def test_json_is_clean_in_strings_keys_and_depth() -> None:
    redactor = Redactor({"KEY": "s3cr3t!"})
    value = {"a": ["s3cr3t!", {"s3cr3t!": ("x s3cr3t!", 7, None, True, 0.5)}]}
    assert redactor.json(value) == {"a": ["[secret KEY]", {"[secret KEY]": ["x [secret KEY]", 7, None, True, 0.5]}]}


def test_keys_that_become_the_same_are_all_kept() -> None:
    redactor = Redactor({"A": "first-secret", "B": "other-secret"})
    same = Redactor({"A": "first-secret"})
    assert redactor.json({"first-secret": 1, "other-secret": 2}) == {"[secret A]": 1, "[secret B]": 2}
    assert same.json({"first-secret": 1, "[secret A]": 2}) == {"[secret A]": 1, "[secret A]_": 2}


@properties
@given(
    st.text(st.sampled_from("0123456789"), min_size=4, max_size=12),
    st.text(st.sampled_from("0123456789 "), max_size=40),
)
def test_no_secret_is_left_in_any_text(secret: str, text: str) -> None:
    clean = Redactor({"KEY": secret}).text(text + secret + text)
    assert secret not in clean


@properties
@given(st.text(min_size=4, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_any_secret_is_hidden_in_the_json_of_a_text(secret: str, before: str, after: str) -> None:
    assume(len(secret.strip()) >= 4)
    assume(secret not in "[secret KEY]")
    clean = Redactor({"KEY": secret}).json({"text": before + secret + after})
    assert "[secret KEY]" in clean["text"]
    assert Redactor({"KEY": secret}).text(json.dumps(before + secret + after)).count("[secret KEY]") >= 1
