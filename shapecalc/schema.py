"""The JSON Schema of the spec language, put together from the models that read it."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from shapecalc.layers import LAYERS, OTHER_WORDS, Layer
from shapecalc.spec import Header, ItemKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

NOTHING: Schema = {"type": "null"}
"""What stands behind a layer's word where the layer needs no field."""


def json_schema() -> Schema:
    """A schema (draft 2020-12) for one YAML document, with titles and descriptions for editors."""
    defs: Schema = {}
    header = _model(Header.model_json_schema(), defs)
    for kind, layer in LAYERS.items():
        defs[kind] = _layer(kind, layer, defs)
    defs["item"] = _item(defs)
    header["properties"]["layers"] = {
        "type": "array",
        "items": {"$ref": "#/$defs/item"},
        "minItems": 1,
        "description": "the layers in order, each reading the one above it",
    }
    return {"$schema": DIALECT, "title": "shapecalc spec", **header, "$defs": defs}


def _model(schema: Schema, defs: Schema) -> Schema:
    """A model's own schema, without the titles that pydantic makes of names; what it refers to goes into `defs`."""
    for name, nested in schema.pop("$defs", {}).items():
        defs[name] = _model(nested, defs)
    schema.pop("title", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
    return schema


def _layer(kind: str, layer: type[Layer], defs: Schema) -> Schema:
    """What may stand behind a layer's word: its fields, a bare value for the first one, or nothing."""
    fields = _model(layer.model_json_schema(), defs)
    description = cleandoc(layer.__doc__ or "").splitlines()[0]
    fields.pop("description", None)
    required = fields.pop("required", [])
    _add_aliases(fields, layer, required)
    forms = [fields]
    if layer.bare is not None and set(required) <= {layer.bare}:
        forms.append({k: v for k, v in fields["properties"][layer.bare].items() if k != "default"})
    if not required and "oneOf" not in fields:
        forms.append(NOTHING)
    return {"title": kind, "description": description, "anyOf": forms}


def _add_aliases(fields: Schema, layer: type[Layer], required: list[str]) -> None:
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


def _item(defs: Schema) -> Schema:
    keys = _model(ItemKeys.model_json_schema(), defs)["properties"]
    words = {**{kind: kind for kind in LAYERS}, **OTHER_WORDS}
    bare_words = [word for word, kind in words.items() if NOTHING in defs[kind]["anyOf"]]
    mapping = {
        "type": "object",
        "properties": {**{word: {"$ref": f"#/$defs/{kind}"} for word, kind in words.items()}, **keys},
        "additionalProperties": False,
        "oneOf": [{"required": [word]} for word in words],
    }
    return {"anyOf": [{"enum": bare_words}, mapping]}
