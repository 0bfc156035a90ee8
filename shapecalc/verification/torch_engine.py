"""PyTorch as the engine of a verification: a second witness, where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from shapecalc.forward import runs
from shapecalc.layers.merge import Merge
from shapecalc.notation import hwc
from shapecalc.result import Step, Trace
from shapecalc.verification import Options
from shapecalc.verification.certificate import Finding
from shapecalc.verification.execution import compared, declared, is_bias, last_readers, shaped
from shapecalc.verification.torch_modules import Built, UnlikeError
from shapecalc.verification.torch_table import built

_MERGES = {
    "add": lambda inputs: sum(inputs[1:], inputs[0]),
    "multiply": lambda inputs: torch.stack(torch.broadcast_tensors(*inputs)).prod(0),
    "concat": lambda inputs: torch.cat(inputs, dim=1),
}


class Engine:
    """Runs one network, each layer built as a module of `torch.nn` and freed when it has run.

    Attributes:
        name: library, version and type of the values.

    """

    name = f"PyTorch {torch.__version__}, float32"

    def __init__(self, trace: Trace, options: Options) -> None:
        self._trace = trace
        self._found: list[dict[str, Finding]] = []
        torch.manual_seed(options.seed)

    def findings(self, asked: tuple[str, ...]) -> Iterator[dict[str, Finding]]:
        """What is found about these quantities, for each layer in order; all of them come of one run."""
        if self._found:
            yield from self._found
            return
        live = {name: torch.rand(1, *shape) for name, shape in self._trace.inputs}
        last = last_readers(self._trace)
        for number, step in enumerate(self._trace.layers):
            out, found = _ran(step, [live[name] for name in step.inputs])
            live[step.name] = out
            live = {name: tensor for name, tensor in live.items() if last.get(name, -1) > number}
            self._found.append(found)
            yield found

    def told(self, quantity: str, found: Sequence[Finding]) -> str:
        """How it was run."""
        return {
            "shapes": "run in full, in torch's own modules",
            "params": "counted in the modules' parameters and buffers, but for batch norm's step counter",
            "macs": "half of the operations that torch's FlopCounterMode counts in that run",
        }[quantity]


def _ran(step: Step, inputs: list[Any]) -> tuple[Any, dict[str, Finding]]:
    """What leaves the layer, and what is found about it; where the shape differs, what the table says leaves it."""
    as_said = torch.rand(1, *step.out_shape)
    if isinstance(step.layer, Merge):
        made = Built(_MERGES[step.type], torch.nn.Identity())
        inputs = [inputs]
    elif runs(step.layer):
        try:
            made = built(step.layer, step.in_shapes[0])
        except UnlikeError as error:
            return as_said, dict.fromkeys(("shapes", "params", "macs"), Finding("unknown", "unknown", None, str(error)))
    else:
        shape = Finding("declared", hwc(step.out_shape), step.out_shape)
        return as_said, {"shapes": shape, "params": declared(step.params), "macs": declared(step.macs)}
    made.module.eval()
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which kernels torch takes is no matter here
        try:
            out = made.run(inputs[0])
        except (RuntimeError, ValueError, TypeError) as error:
            return as_said, {**_counted(step, made, counter), "shapes": _refused(error)}
    shape = shaped(step, tuple(out.shape[1:]))
    found = {"shapes": shape, **_counted(step, made, counter)}
    return (as_said if shape.verdict == "differs" else out), found


def _refused(error: Exception) -> Finding:
    return Finding("differs", "refused", None, f"torch refuses what the table says arrives: {error}")


def _counted(step: Step, made: Built, counter: Any) -> dict[str, Finding]:
    """Params and buffers by `numel`, multiply-adds as half of torch's operations."""
    counts = {"weights": 0, "biases": 0, "buffers": 0}
    for name, parameter in () if step.shares else made.module.named_parameters():
        counts["biases" if is_bias(name.rpartition(".")[2]) else "weights"] += parameter.numel()
    for name, buffer in () if step.shares else made.module.named_buffers():
        counts["buffers"] += 0 if name.endswith("num_batches_tracked") else buffer.numel()
    macs = counter.get_total_flops() // 2
    why = "" if macs == step.macs else f"the table says {step.macs:,}, torch counts {macs:,}"
    return {"params": compared(step, counts), "macs": Finding("differs" if why else "equal", f"{macs:,}", macs, why)}
