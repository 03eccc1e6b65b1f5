"""What the formats' own specifications demand of what programs read."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from lxml import etree

HERE = Path(__file__).parent


def check_json(name: str, facts: Any) -> None:
    """`facts` are as `<name>.json` here wants them."""
    faults = [f"{fault.json_path}: {fault.message}" for fault in _json(name).iter_errors(facts)]
    assert not faults, "\n".join(faults)


def check_xml(name: str, tree: etree._Element) -> None:
    """The document is as `<name>.xsd` here wants it."""
    _xml(name).assertValid(tree)


@functools.cache
def _json(name: str) -> Draft202012Validator:
    schema = json.loads((HERE / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@functools.cache
def _xml(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(HERE / f"{name}.xsd"))
