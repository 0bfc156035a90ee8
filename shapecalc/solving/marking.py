"""A document with its unknown values replaced by what can be read: variables, and sizes that stand for no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from shapecalc.inputs import by_name
from shapecalc.problems import Path
from shapecalc.source import Document
from shapecalc.spec import INPUT_NAME
from shapecalc.unknowns import TIMES, UNKNOWN, Mark, is_shape, marked, of_variant

Sizes: TypeAlias = "tuple[int | str, ...]"
"""A shape, channels first, in which variables stand for unknown sizes."""

SIGN = "ξ"
"""How the variables of unknowns begin: no variable of a spec can be called like that."""

PLACEHOLDER = 1
"""What stands for an unknown size of an input while the spec is read."""


class Marking(NamedTuple):
    """The unknowns of a document.

    Attributes:
        document: the document with variables for its unknowns.
        places: of each variable, where it stands.
        sizes: of the inputs with unknown sizes, by name.
        settings: variables of the spec that are unknown because the user says so.
    """

    document: Document
    places: dict[str, list[Path]]
    sizes: dict[str, Sizes]
    settings: dict[str, str]


def marking(
    document: Document, variant: str | None, shapes: Mapping[str, str] | None, settings: Mapping[str, Any]
) -> Marking:
    """The unknowns of a document in one of its variants, with another input or other variables where they are given."""
    copy = _copy(document)
    if shapes and isinstance(copy.data, dict):
        _put_on(copy.data, variant, shapes)
    found = Marking(copy, {}, {}, {})
    for mark in list(marked(copy.data, variant, settings)):
        if is_shape(mark.path) or _is_entry_of_shape(mark.path):
            _replace_size(mark, found)
        else:
            _replace_value(mark, found)
    for name, value in settings.items():
        if isinstance(value, str) and (unknown := UNKNOWN.fullmatch(value.strip())):
            variable = _variable(unknown["name"], ("vars", name), found)
            found.settings[name] = f"={variable}"
    return found


def _copy(document: Document) -> Document:
    """The document with data of its own; what aliases share stays shared, and everything keeps its place."""
    copy = Document(line=document.line, column=document.column, problems=document.problems)
    copy.is_complete = document.is_complete
    copies: dict[int, Any] = {}

    def copied(node: Any) -> Any:
        if not isinstance(node, dict | list):
            return node
        if id(node) not in copies:
            new: Any = {} if isinstance(node, dict) else []
            copies[id(node)] = new
            copy.kept.append(new)
            copy.marks[id(new)] = document.marks[id(node)]
            if isinstance(node, dict):
                new.update({key: copied(each) for key, each in node.items()})
            else:
                new.extend(copied(each) for each in node)
        return copies[id(node)]

    copy.data = copied(document.data)
    return copy


def _put_on(data: dict[str, Any], variant: str | None, shapes: Mapping[str, str]) -> None:
    """Other shapes of the inputs that are named. `Unreadable` where there is none of that name."""
    own = of_variant(data, variant)
    holder = own if "input" in own else data
    if isinstance(holder.get("input"), dict) and holder["input"]:
        holder["input"].update(by_name(shapes, [*holder["input"]]))
    else:
        holder["input"] = by_name(shapes, [INPUT_NAME])[INPUT_NAME]


def _variable(name: str | None, path: Path, found: Marking) -> str:
    """The variable of the unknown at a place; one with a name is the same wherever it stands."""
    variable = f"{SIGN}_{name}" if name else f"{SIGN}{len(found.places)}"
    found.places.setdefault(variable, []).append(path)
    return variable


def _replace_value(mark: Mark, found: Marking) -> None:
    unknown = UNKNOWN.fullmatch(mark.text.strip())
    assert unknown is not None
    node = _node(found.document.data, mark.path[:-1])
    node[mark.path[-1]] = f"={_variable(unknown['name'], mark.path, found)}"


def _is_entry_of_shape(path: Path) -> bool:
    return isinstance(path[-1], int) and is_shape(path[:-1])


def _replace_size(mark: Mark, found: Marking) -> None:
    """A size, or sizes, of an input: placeholders are read, and the unknowns are kept apart."""
    path = mark.path[:-1] if _is_entry_of_shape(mark.path) else mark.path
    inner = path[2:] if path[0] == "variants" else path
    written = _node(found.document.data, path)
    if isinstance(written, list):
        if mark.path[-1] != _first_unknown(written) or not all(map(_is_size, written)):
            return  # all of the list's are replaced with the first; the reader says what is wrong
        parts, order = [str(each).strip() for each in written], range(len(written))
    else:
        parts = TIMES.split(written.strip())
        order = range(-1, len(parts) - 1)  # the channels, which are written last, come first
    sizes = _sizes([parts[place] for place in order], path, found)
    found.sizes[str(inner[1]) if len(inner) > 1 else INPUT_NAME] = sizes
    read = [str(PLACEHOLDER) if UNKNOWN.fullmatch(part) else part for part in parts]
    holder = _node(found.document.data, path[:-1])
    holder[path[-1]] = [int(each) for each in read] if isinstance(written, list) else "x".join(read)


def _first_unknown(written: list[Any]) -> int | None:
    unknown = (n for n, each in enumerate(written) if isinstance(each, str) and UNKNOWN.fullmatch(each.strip()))
    return next(unknown, None)


def _is_size(written: object) -> bool:
    return type(written) is int or (isinstance(written, str) and UNKNOWN.fullmatch(written.strip()) is not None)


def _sizes(parts: list[str], path: Path, found: Marking) -> Sizes:
    """The sizes, channels first: unnamed spatial ones are one unknown, the channels one of their own."""
    sizes: list[int | str] = []
    shared: str | None = None
    for axis, part in enumerate(parts):
        unknown = UNKNOWN.fullmatch(part)
        if unknown is None:
            sizes.append(int(part))
        elif axis == 0 and len(parts) > 1:
            sizes.append(_variable(unknown["name"], (*path, "channels"), found))
        elif unknown["name"]:
            sizes.append(_variable(unknown["name"], path, found))
        else:
            shared = shared or _variable(None, path, found)
            sizes.append(shared)
    return tuple(sizes)


def _node(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data
