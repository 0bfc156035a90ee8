"""The items of a spec, of its blocks and of their branches: words to layers, joins, blocks and branches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shapecalc.building import built, has_expression, static_problems
from shapecalc.layers import LAYERS, OTHER_WORDS, Layer
from shapecalc.layers.merge import MERGES, Merge
from shapecalc.notation import shown
from shapecalc.problems import Path, Problem
from shapecalc.source import MAX_PROBLEMS
from shapecalc.spec import INPUT_NAME, NAME_PATTERN, REQUIRED, Branch, Home, Item, ItemKeys
from shapecalc.translate import did_you_mean, translated

PARALLEL = "parallel"

MAX_DEPTH = 100
"""How deep blocks and branches may stand in each other."""

_STEPS_OF_A_LEVEL = 3  # of a path: a branch is parallel, its number, and the number in it

_NO_KEYS = ItemKeys.model_construct()


def fault_of_key(name: str) -> str | None:
    """What is wrong with a name that is a key of the document; None where it is good."""
    if re.fullmatch(NAME_PATTERN, name):
        return None
    return f"{shown(name)} is no name: a letter, then letters, digits and _ - . /, up to 64 in all, are wanted"


class ItemReader:
    """Reads items; equal layers become one object, so that they are computed once."""

    def __init__(self, home: Home, problems: list[Problem], blocks: Mapping[str, Mapping[str, Any] | None]) -> None:
        self._home = home
        self._problems = problems
        self._blocks = blocks
        self._layers: dict[tuple[str, str], Layer | Merge] = {}
        self._calls: dict[str, list[tuple[str, Path]]] = {}
        self._block: str | None = None

    def items(self, written: object, path: Path, block: str | None = None) -> tuple[Item, ...]:
        """The items that could be read; what is wrong with the others is among the problems.

        Args:
            written: a list, from the document.
            path: where it stands.
            block: the block whose items they are.
        """
        if not isinstance(written, list):
            return ()
        before, self._block = self._block, block or self._block
        found = []
        first: dict[str, Item] = {}
        for index, each in enumerate(written):
            item = self._item(each, (*path, index))
            if item is not None:
                found.append(item)
                self._claim(item, first)
            if len(self._problems) > MAX_PROBLEMS:
                break
        self._claim_numbered(found)
        self._block = before
        return tuple(found)

    def cycles(self) -> list[Problem]:
        """A problem for each call by which a block stands in itself, and for blocks in blocks beyond all bounds."""
        found: list[Problem] = []
        for block in self._not_ending():
            for called, path in self._calls[block]:
                if len(found) <= MAX_PROBLEMS and block in self._reached(called):
                    around = f"`{block}`" if called == block else f"`{called}`, which leads back to `{block}`"
                    message = f"the block `{block}` calls {around}: it would never end"
                    found.append(Problem("block-cycle", message, path, on_key=True))
        return found

    def _not_ending(self) -> list[str]:
        """The blocks from which calls go on for ever; one nested too deep is among the problems."""
        callers: dict[str, list[tuple[str, Path]]] = {}
        waiting = {block: len(calls) for block, calls in self._calls.items()}
        for block, calls in self._calls.items():
            for called, path in calls:
                callers.setdefault(called, []).append((block, path))
        depths = dict.fromkeys(self._blocks, 1)
        ready = [block for block in callers if block not in waiting]
        while ready:
            called = ready.pop()
            for block, path in callers.get(called, ()):
                depth = depths[called] + len(path) // _STEPS_OF_A_LEVEL
                if depth > MAX_DEPTH:
                    message = f"blocks and branches stand in each other more than {MAX_DEPTH} deep"
                    self._problems.append(Problem("too-deep", message, path, on_key=True))
                    return []
                depths[block] = max(depth, depths.get(block, 1))
                waiting[block] -= 1
                if not waiting[block]:
                    ready.append(block)
        return [block for block, count in waiting.items() if count]

    def _reached(self, block: str) -> set[str]:
        reached, waiting = set(), [block]
        while waiting:
            each = waiting.pop()
            if each not in reached:
                reached.add(each)
                waiting += [called for called, _ in self._calls.get(each, ())]
        return reached

    def _is_word(self, key: str) -> bool:
        return key in LAYERS or key in OTHER_WORDS or key in MERGES or key in self._blocks or key == PARALLEL

    def _known(self) -> list[str]:
        return [*LAYERS, *OTHER_WORDS, *MERGES, *self._blocks, PARALLEL]

    def _item(self, written: object, path: Path) -> Item | None:
        if isinstance(written, str):
            return self._made(written, None, _NO_KEYS, path)
        if not isinstance(written, dict):
            advice = "an item is a word as in - relu, or a mapping as in - conv: {…}"
            self._problems.append(Problem("wrong-type", f"{shown(written)} is no layer", path, advice))
            return None
        words = [key for key in written if self._is_word(key)]
        beside = {key: value for key, value in written.items() if key not in words}
        if len(words) != 1:
            self._problems.append(self._no_single_layer(words, beside, path))
            return None
        word = words[0]
        keys = self._keys(beside, word, path) if beside else _NO_KEYS
        if any(_is_field(key, word) for key in beside if key not in _KEYS):  # reported; the layer would lack it
            return None
        return self._made(word, written[word], keys, path)

    def _keys(self, beside: dict[str, Any], word: str, path: Path) -> ItemKeys | None:
        try:
            keys = ItemKeys.model_validate(beside)
        except ValidationError as error:
            for problem in translated(error, ItemKeys, path, "an item"):
                self._problems.append(_item_problem(problem, word))
            return None
        if keys.join is not None and word != PARALLEL:
            message = f"`join` says how the branches of `{PARALLEL}` meet, and `{word}` has none"
            self._problems.append(Problem("unknown-field", message, (*path, "join"), on_key=True))
        return keys

    def _claim(self, item: Item, first: dict[str, Item]) -> None:
        """Reports a name that stands twice in one list; items that `when` drops may share one."""
        name, path = item.keys.name, (*item.path, "name")
        if name is None:
            return
        if name == INPUT_NAME:
            message, advice = f"`{INPUT_NAME}` is the name of the network's input", "choose another name"
            self._problems.append(Problem("duplicate-name", message, path, advice))
        elif name in first and item.keys.when is True and first[name].keys.when is True:
            line = self._home.document.locate((*first[name].path, "name")).line
            advice = f"the layer in line {line} has it already"
            self._problems.append(Problem("duplicate-name", f"the name `{name}` is given twice", path, advice))
        first.setdefault(name, item)

    def _claim_numbered(self, items: list[Item]) -> None:
        """Reports names such as `a.0` that a repeated `a` makes as well."""
        repeated = {item.keys.name for item in items if item.keys.repeat is not None}
        for item in items:
            base, dot, number = (item.keys.name or "").rpartition(".")
            if dot and number.isdecimal() and base in repeated:
                message = f"the name `{item.keys.name}` is given twice"
                advice = f"`{base}` repeats, which makes `{base}.0` and so on: choose another name"
                self._problems.append(Problem("duplicate-name", message, (*item.path, "name"), advice))

    def _made(self, word: str, written: Any, keys: ItemKeys | None, path: Path) -> Item | None:
        if word == PARALLEL:
            return self._parallel(written, keys, path)
        if word in self._blocks:
            return self._call(word, written, keys, path)
        if word in MERGES:
            return self._merge(word, written, keys, path)
        kind = OTHER_WORDS.get(word, word)
        if kind not in LAYERS:
            self._problems.append(self._unknown_layer(word, path))
            return None
        layer, problems = self._interned(word, LAYERS[kind], written, (*path, word))
        self._problems += problems
        if problems or keys is None:
            return None
        return Item("layer", kind, word, written, layer, keys, (), path, self._home)

    def _interned(
        self, word: str, model: type[Layer] | type[Merge], written: Any, place: Path
    ) -> tuple[Any, list[Problem]]:
        cached = (word, repr(written))
        if cached in self._layers:
            return self._layers[cached], []
        if has_expression(written):
            return None, static_problems(word, model, written, place)
        layer, problems = built(word, model, written, place)
        if layer is not None:
            self._layers[cached] = layer
        return layer, problems

    def _merge(self, word: str, written: Any, keys: ItemKeys | None, path: Path) -> Item | None:
        """A join; its inputs stand behind its word, as in ``add: [a, b]``, or under `from`."""
        written = [written] if isinstance(written, str) else written
        if isinstance(written, list) and all(isinstance(each, str) for each in written):
            if keys is not None and keys.origin is not None:
                message = f"`{word}` names its inputs, and so does `from`"
                self._problems.append(Problem("duplicate-key", message, (*path, "from"), "keep one", on_key=True))
            keys = None if keys is None else keys.model_copy(update={"origin": written})
            written = None
        elif written is not None and not isinstance(written, dict):
            message = f"`{word}` names what it joins, which {shown(written)} does not"
            self._problems.append(Problem("wrong-type", message, (*path, word), f"as in {word}: [a, b]"))
            return None
        layer, problems = self._interned(word, MERGES[word], written, (*path, word))
        self._problems += problems
        if keys is None or problems:
            return None
        if not isinstance(keys.origin, list) or len(keys.origin) < 2:
            message = f"`{word}` joins two tensors or more"
            advice = f"name them, as in {word}: [a, b]"
            self._problems.append(Problem("missing-field", message, (*path, word), advice, on_key=True))
            return None
        return Item("merge", word, word, written, layer, keys, (), path, self._home)

    def _call(self, word: str, written: Any, keys: ItemKeys | None, path: Path) -> Item | None:
        """A block with the values of its variables."""
        place = (*path, word)
        self._calls.setdefault(self._block or "", []).append((word, place))
        if written is not None and not isinstance(written, dict):
            message = f"a block takes its variables by name, not {shown(written)}"
            self._problems.append(Problem("wrong-type", message, place, f"as in {word}: {{…}}"))
            return None
        given, defaults = written or {}, self._blocks[word]
        if defaults is None:  # the block itself is wrong, which is reported
            return None
        for name in given:
            if name not in defaults:
                advice = did_you_mean(name, list(defaults)) or f"its variables: {', '.join(defaults) or 'none'}"
                message = f"{shown(name)} is not a variable of the block `{word}`"
                self._problems.append(Problem("unknown-field", message, (*place, name), advice, on_key=True))
        for name, default in defaults.items():
            if default is REQUIRED and given.get(name) is None:
                message = f"the block `{word}` needs a value for `{name}`"
                self._problems.append(Problem("missing-field", message, place, on_key=True))
        return None if keys is None else Item("block", word, word, given, None, keys, (), path, self._home)

    def _parallel(self, written: Any, keys: ItemKeys | None, path: Path) -> Item | None:
        """Branches, in a list, or by name in a mapping."""
        place = (*path, PARALLEL)
        if not isinstance(written, dict | list):
            message = f"`{PARALLEL}` has a list of branches, not {shown(written)}"
            self._problems.append(Problem("wrong-type", message, place, "each branch is a list of layers"))
            return None
        pairs = list(written.items() if isinstance(written, dict) else enumerate(written))
        branches = []
        for key, items in pairs:
            name = key if isinstance(key, str) else None
            if name is not None and (fault := fault_of_key(name)):
                self._problems.append(Problem("bad-name", fault, (*place, key), on_key=True))
            if not isinstance(items, list):
                message = f"a branch is a list of layers, not {shown(items)}"
                self._problems.append(Problem("wrong-type", message, (*place, key), "[] is a branch without layers"))
                continue
            branches.append(Branch(name, self.items(items, (*place, key))))
        if len(pairs) < 2:
            message = f"`{PARALLEL}` has two branches or more, not {len(pairs)}"
            self._problems.append(Problem("wrong-rank", message, place, "[] is a branch without layers", on_key=True))
        if keys is None:
            return None
        return Item("parallel", keys.join or PARALLEL, PARALLEL, None, None, keys, tuple(branches), path, self._home)

    def _unknown_layer(self, word: str, path: Path) -> Problem:
        advice = (
            self._run_together(word) or did_you_mean(word, self._known()) or "`shapecalc schema` lists the layer types"
        )
        return Problem("unknown-layer", f"{shown(word)} is not a layer type", (*path, word), advice, on_key=True)

    def _run_together(self, word: str) -> str | None:
        """Advice where YAML took more for the layer's word than was meant."""
        if " - " in word:
            return "two items are read as one text: begin both at the same column"
        parts = re.split(r"([:{ ])", word, maxsplit=1)
        if len(parts) == 1 or not self._is_word(parts[0]):
            return None
        first, separator, _ = parts
        return (
            f"a space goes after the colon: `{first}: `" if separator == ":" else f"write `{first}: ` before its fields"
        )

    def _no_single_layer(self, words: list[str], beside: dict[str, Any], path: Path) -> Problem:
        if words:
            named = ", ".join(f"`{word}`" for word in words)
            message = f"an item has one layer, not {len(words)}: {named}"
            return Problem("several-layers", message, (*path, words[1]), "give each its own `- `", on_key=True)
        strange = [key for key in beside if key not in _KEYS]
        field = next((key for key in strange if any(_is_field(key, word) for word in LAYERS)), None)
        near = next((key for key in strange if did_you_mean(key, self._known())), None)
        if field is not None and near in (None, field):
            message = f"`{field}` is a field, but the item has no layer"
            return Problem("no-layer", message, (*path, field), "begin with the layer, as in - conv:", on_key=True)
        if strange:
            return self._unknown_layer(near or strange[0], path)
        return Problem("no-layer", "the item has no layer", path, "add one, as in - conv: {…}")


_KEYS = {info.alias or name for name, info in ItemKeys.model_fields.items()}


def _is_field(key: str, word: str) -> bool:
    """Whether the layer has a field of that name, or another word for it."""
    kind = OTHER_WORDS.get(word, word)
    if kind not in LAYERS:
        return False
    layer = LAYERS[kind]
    return key in layer.aliases or any(key == (info.alias or name) for name, info in layer.model_fields.items())


def _item_problem(problem: Problem, word: str) -> Problem:
    """The problem of an item's key, with advice where a layer's field stands beside the layer."""
    key = str(problem.path[-1])
    if problem.path[-2] == "expect":
        return problem
    if problem.code == "unknown-field" and _is_field(key, word):
        message = f"`{key}` stands beside `{word}`, not in it"
        return problem._replace(message=message, help=f"indent it below `{word}:`, or write it in its braces")
    if key == "name":
        message = "`name`: a letter, then letters, digits and _ - . /, up to 64 in all, are wanted"
        return Problem("bad-name", message, problem.path)
    return problem
