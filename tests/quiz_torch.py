"""PyTorch's own numbers for the specs of a quiz, built and run layer by layer; and the receptive field's recurrence."""

from __future__ import annotations

from typing import Any, NamedTuple

Item = Any
Field = tuple[int, int, int]
"""Size, stride and first pixel along an axis."""


class Ran(NamedTuple):
    """What PyTorch says of one item, or of a network."""

    output: tuple[int, ...]
    params: int
    weights: int
    macs: int


class Network:
    """A spec's layers as PyTorch runs them, on tensors without values."""

    def __init__(self, torch: Any, spec: dict[str, Any]) -> None:
        self.torch = torch
        self.blocks = {name: block["layers"] for name, block in spec.get("blocks", {}).items()}
        self.modules: list[Any] = []
        sizes = [int(size) for size in str(spec["input"]).split("x")]
        self.x = torch.empty(1, sizes[-1], *sizes[:-1], device="meta")
        self.items = [self._item(item) for item in spec["layers"]]

    def _item(self, item: Item) -> Ran:
        from torch.utils.flop_counter import FlopCounterMode

        before = len(self.modules)
        with FlopCounterMode(display=False) as counter, self.torch.no_grad():
            self.x = self.through(self.x, item)
        named = [pair for module in self.modules[before:] for pair in module.named_parameters()]
        return Ran(
            tuple(self.x.shape[1:]),
            sum(value.numel() for _, value in named),
            sum(value.numel() for name, value in named if name == "weight"),
            counter.get_total_flops() // 2,
        )

    @property
    def total(self) -> Ran:
        """Of the whole network."""
        sums = [sum(column) for column in list(zip(*self.items, strict=True))[1:]]
        return Ran(self.items[-1].output, *sums)

    def through(self, x: Any, item: Item) -> Any:
        """What leaves an item."""
        word = item if isinstance(item, str) else next(iter(item))
        fields: Any = None if isinstance(item, str) else item[word]
        if word == "parallel":
            outs = [self._all(x, branch) for branch in fields]
            if item["join"] == "concat":
                return self.torch.cat(outs, 1)
            return outs[0] + outs[1] if item["join"] == "add" else outs[0] * outs[1]
        if word in self.blocks:
            return self._all(x, self.blocks[word])
        module = self._module(word, fields, x.shape[1])
        self.modules.append(module)
        return module(x)

    def _all(self, x: Any, items: list[Item]) -> Any:
        for each in items:
            x = self.through(x, each)
        return x

    def _module(self, word: str, fields: Any, channels: int) -> Any:
        nn = self.torch.nn
        plain = {
            "relu": nn.ReLU,
            "sigmoid": nn.Sigmoid,
            "flatten": nn.Flatten,
            "batchnorm": lambda: nn.BatchNorm2d(channels, device="meta"),
            "global_avgpool": lambda: (
                nn.AdaptiveAvgPool2d(1) if fields else nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
            ),
        }
        if word in plain:
            return plain[word]()
        if word == "fc":
            return nn.Linear(channels, fields, device="meta")
        if word == "adaptive_avgpool":
            return nn.AdaptiveAvgPool2d(fields)
        fields = dict(fields)
        if word in ("conv", "conv_transpose"):
            filters = fields.pop("filters")
            fields["kernel_size"] = fields.pop("kernel")
            if fields.get("groups") == "depthwise":
                fields["groups"] = channels
            kind = nn.Conv2d if word == "conv" else nn.ConvTranspose2d
            return kind(channels, filters, device="meta", **fields)
        return {"maxpool": nn.MaxPool2d, "avgpool": nn.AvgPool2d}[word](**fields)


def seen(items: list[Item], before: Field = (1, 1, 0)) -> Field:
    """The recurrence of Araujo, Norris and Sim (Distill 2019) along an axis of square windows."""
    size, stride, start = before
    for item in items:
        if isinstance(item, str):
            continue
        word, fields = next(iter(item.items()))
        if word == "parallel":
            branches = [seen(branch, (size, stride, start)) for branch in fields]
            assert len({jump for _, jump, _ in branches}) == 1
            end = max(s + r for r, _, s in branches)
            start = min(s for *_, s in branches)
            size, stride = end - start, branches[0][1]
            continue
        kernel, padding = fields.get("kernel", fields.get("kernel_size")), fields.get("padding", 0)
        size += (kernel - 1) * fields.get("dilation", 1) * stride
        start -= padding * stride
        stride *= fields.get("stride", 1)
    return size, stride, start
