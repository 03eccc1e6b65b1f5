"""Parts of pages that are written once a process."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, Template, TemplateSyntaxError

from auposte.templatetags.once import MOST_WRITTEN

LOADED = "{% load once %}"


def written(text: str) -> Template:
    return Engine(libraries={"once": "auposte.templatetags.once"}).from_string(LOADED + text)


def test_it_is_written_once_for_each_key() -> None:
    template = written("{% once key %}{{ key }}-{{ other }}{% endonce %}")
    assert template.render(Context({"key": "a", "other": 1})) == "a-1"
    assert template.render(Context({"key": "a", "other": 2})) == "a-1"
    assert template.render(Context({"key": ("<", 1), "other": 3})) == "(&#x27;&lt;&#x27;, 1)-3"
    assert template.render(Context({"key": "b", "other": 4})) == "b-4"


def test_two_parts_do_not_mix() -> None:
    template = written("{% once %}a{% endonce %}{% once %}b{% endonce %}")
    assert template.render(Context()) == "ab"


def test_it_does_not_grow_without_end() -> None:
    template = written("{% once key %}{{ other }}{% endonce %}")
    for key in range(MOST_WRITTEN + 1):
        template.render(Context({"key": key, "other": 1}))
    assert template.render(Context({"key": 0, "other": 2})) == "2"
    assert template.render(Context({"key": MOST_WRITTEN, "other": 2})) == "1"


def test_a_block_within_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="once"):
        written("{% once %}{% block x %}{% endblock %}{% endonce %}")
