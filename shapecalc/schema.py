"""The JSON Schema of the spec language, put together from the models that read it."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from shapecalc.layers import LAYERS, OTHER_WORDS, Layer
from shapecalc.layers.merge import MERGES, Merge
from shapecalc.reading import RESERVED
from shapecalc.spec import NAME_PATTERN, STAND_IN_SCHEMA, VARIABLE_PATTERN, BlockKeys, Header, ItemKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

NOTHING: Schema = {"type": "null"}
"""What stands behind a layer's word where the layer needs no field."""


_NAME: Schema = {"pattern": f"^{NAME_PATTERN}$"}


def json_schema() -> Schema:
    """A schema (draft 2020-12) for one YAML document, with titles and descriptions for editors."""
    defs: Schema = {}
    header = _model(Header.model_json_schema(), defs)
    for kind, layer in LAYERS.items():
        defs[kind] = _layer(kind, layer, defs)
    for kind, merge in MERGES.items():
        defs[kind] = _layer(kind, merge, defs)
        defs[kind]["anyOf"].append({"type": "array", "items": {"type": "string"}, "minItems": 2})
    block = _model(BlockKeys.model_json_schema(), defs)
    keys = _model(ItemKeys.model_json_schema(), defs)["properties"]
    for name, call in (("item", False), ("item_or_block", {"type": ["object", "null"]})):
        defs[name] = _item(defs, keys, call, name)
    layers = {"type": "array", "minItems": 1, "description": "the layers in order, each reading the one above it"}
    block["properties"]["layers"] = {"type": "array", "items": {"$ref": "#/$defs/item_or_block"}}
    header["properties"]["blocks"] = {"type": "object", "additionalProperties": block, "propertyNames": _NAME}
    properties = header["properties"]
    variant = {"type": "object", "properties": {key: properties[key] for key in RESERVED}}
    properties["variants"] = {"type": "object", "additionalProperties": variant}
    for variables in (properties["vars"], block["properties"]["vars"]):
        variables.pop("patternProperties", None)
        variables["propertyNames"] = {"pattern": f"^{VARIABLE_PATTERN}$"}
    header["properties"]["layers"] = layers
    return {
        "$schema": DIALECT,
        "title": "shapecalc spec",
        **header,
        "if": {"anyOf": [{"required": ["blocks"]}, {"required": ["include"]}]},
        "then": {"properties": {"layers": {"items": {"$ref": "#/$defs/item_or_block"}}}},
        "else": {"properties": {"layers": {"items": {"$ref": "#/$defs/item"}}}},
        "$defs": defs,
    }


def _model(schema: Schema, defs: Schema) -> Schema:
    """A model's own schema, without the titles that pydantic makes of names; what it refers to goes into `defs`."""
    for name, nested in schema.pop("$defs", {}).items():
        defs[name] = _model(nested, defs)
    schema.pop("title", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
    return schema


def _layer(kind: str, layer: type[Layer] | type[Merge], defs: Schema) -> Schema:
    """What may stand behind a layer's word: its fields, a bare value for the first one, or nothing."""
    fields = _model(layer.model_json_schema(), defs)
    description = cleandoc(layer.__doc__ or "").splitlines()[0]
    fields.pop("description", None)
    required = fields.pop("required", [])
    for name, field in fields.get("properties", {}).items():
        fields["properties"][name] = _or_stand_in(field)
    _add_aliases(fields, layer, required)
    forms = [fields]
    if layer.bare is not None and set(required) <= {layer.bare}:
        forms.append({k: v for k, v in fields["properties"][layer.bare].items() if k != "default"})
    if not required and "oneOf" not in fields:
        forms.append(NOTHING)
    return {"title": kind, "description": description, "anyOf": forms}


def _or_stand_in(field: Schema) -> Schema:
    """The value, or what may stand in its place or in a list's entries."""
    outside: Schema = {key: field[key] for key in ("default", "description", "examples") if key in field}
    inside = {key: value for key, value in field.items() if key not in outside}
    forms = inside["anyOf"] if set(inside) == {"anyOf"} else [inside]
    return {"anyOf": [*map(_with_stand_ins, forms), STAND_IN_SCHEMA], **outside}


def _with_stand_ins(form: Schema) -> Schema:
    """A list with stand-ins allowed for its entries; anything else as it is."""
    entries: Schema = {}
    if "items" in form:
        entries["items"] = _or_stand_in(form["items"])
    if "prefixItems" in form:
        entries["prefixItems"] = [_or_stand_in(each) for each in form["prefixItems"]]
    if "anyOf" in form:
        entries["anyOf"] = [_with_stand_ins(each) for each in form["anyOf"]]
    return {**form, **entries}


def _add_aliases(fields: Schema, layer: type[Layer] | type[Merge], required: list[str]) -> None:
    """Lecture words beside the field they stand for; a required field may come under either."""
    choices = []
    for field in required:
        words = [field, *(alias for alias, name in layer.aliases.items() if name == field)]
        choices.append({"anyOf": [{"required": [word]} for word in words]} if len(words) > 1 else {"required": words})
    for alias, field in layer.aliases.items():
        fields["properties"][alias] = {
            **fields["properties"][field],
            "description": f"another word for {field}",
        }
    if choices:
        fields["allOf"] = choices


def _item(defs: Schema, keys: Schema, call: Schema | bool, own: str) -> Schema:
    """An entry of a list of layers; `call` is what may stand behind words that are not known here."""
    words = {**{kind: kind for kind in (*LAYERS, *MERGES)}, **OTHER_WORDS}
    bare_words = [word for word, kind in words.items() if NOTHING in defs[kind]["anyOf"] and kind not in MERGES]
    branch = {"type": "array", "items": {"$ref": f"#/$defs/{own}"}}
    branches = {
        "description": "branches that each begin at the current tensor",
        "anyOf": [
            {"type": "array", "items": branch, "minItems": 2},
            {"type": "object", "additionalProperties": branch, "minProperties": 2, "propertyNames": _NAME},
        ],
    }
    known = {**{word: {"$ref": f"#/$defs/{kind}"} for word, kind in words.items()}, "parallel": branches}
    mapping: Schema = {
        "type": "object",
        "dependentRequired": {"join": ["parallel"]},
        "properties": {**known, **keys},
        "additionalProperties": call,
    }
    if not call:
        mapping["oneOf"] = [{"required": [word]} for word in known]
        return {"anyOf": [{"enum": bare_words}, mapping]}
    mapping["minProperties"] = 1
    return {"anyOf": [{"type": "string"}, mapping]}
