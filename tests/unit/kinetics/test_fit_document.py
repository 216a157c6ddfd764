"""``pdcraft.fit/1`` has one set of keys, in the code and in its schema."""

import json
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.kinetics.document import DOCUMENT_KEYS, REGION_KEYS, document, region_entry

SCHEMA = json.loads(files("pdcraft.data").joinpath("schema", "fit.schema.json").read_text())


def filled():
    region = region_entry(tiac_h=None, weights={}, refused={}, flags=[])
    known = {"payload": "I-131", "measured_with": "I-131", "half_life_h": 1.0, "tail": "none"}
    return document(regions={"liver": region}, draws=1, method="laplace", **known)


def test_the_schema_asks_for_every_key_and_allows_no_other():
    region = SCHEMA["$defs"]["region"]
    for keys, level in ((DOCUMENT_KEYS, SCHEMA), (REGION_KEYS, region)):
        assert set(level["properties"]) == set(level["required"]) == set(keys)
        assert level["additionalProperties"] is False
    jsonschema.validate(filled(), SCHEMA)


@pytest.mark.parametrize("key", REGION_KEYS)
def test_an_entry_without_a_key_is_none(key):
    found = filled()
    del found["regions"]["liver"][key]
    with pytest.raises(jsonschema.ValidationError, match=f"'{key}' is a required property"):
        jsonschema.validate(found, SCHEMA)


def test_unknown_keys_are_refused_by_name():
    with pytest.raises(TypeError, match="tiac is none of REGION_KEYS"):
        region_entry(tiac=1.0)
    with pytest.raises(TypeError, match="nuclide is none of DOCUMENT_KEYS"):
        document(regions={}, nuclide="I-131")
    with pytest.raises(TypeError, match="liver: an entry has all keys"):
        document(regions={"liver": {"tiac_h": None}})
