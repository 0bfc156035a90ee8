"""The bars of `shapecalc verify`: VGG16 beside a process that builds and runs it in torch. See README.md here."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

from processes import compared, cost, shapecalc, verdict, warn_if_busy

SPEC = "specs/vgg16.yaml"
TIME_BAR = 1 / 4
PEAK_BAR = 150 * 2**20

TORCH = """
import torch
from torch import nn

def convolutions():
    channels = 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width == 0:
            yield nn.MaxPool2d(2)
        else:
            yield nn.Conv2d(channels, width, 3, padding=1)
            yield nn.ReLU(inplace=True)
            channels = width

head = (nn.Flatten(), nn.Linear(25088, 4096), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, 4096),
        nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, 1000))
model = nn.Sequential(*convolutions(), nn.AdaptiveAvgPool2d(7), *head)
for module in model.modules():
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
        nn.init.zeros_(module.bias)
with torch.inference_mode():
    print(model.eval()(torch.randn(1, 3, 224, 224)).shape)
"""


def main() -> None:
    """Prints the ratio of times and the peak memory of the whole verification."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="pairs of processes (default: 7)")
    pairs = parser.parse_args().pairs
    warn_if_busy()
    ours = shapecalc("verify", SPEC)
    if find_spec("torch") is None:
        _peak(cost(ours).peak)
        print("verify / torch, VGG16: skipped: torch is not installed")
        return
    ratios = compared(lambda: cost(ours), lambda: cost([sys.executable, "-c", TORCH]), pairs)
    _peak(ratios.first.peak)
    walls = f"{ratios.first.wall:.2f} / {ratios.second.wall:.2f} s"
    cpus = f"{ratios.first.cpu:.2f} / {ratios.second.cpu:.2f} s"
    peaks = f"{ratios.first.peak / 2**20:.0f} / {ratios.second.peak / 2**20:.0f} MiB"
    judged = verdict(ratios.wall, bar=TIME_BAR)
    print(f"verify / torch, VGG16: wall {ratios.wall:.3f} ({walls}); bar {TIME_BAR}: {judged}")
    print(f"  processor {ratios.cpu:.3f} ({cpus}), memory {ratios.peak:.3f} ({peaks})")


def _peak(peak: int) -> None:
    judged = verdict(peak, bar=PEAK_BAR)
    print(f"verify, VGG16: peak {peak / 2**20:.0f} MiB; bar {PEAK_BAR / 2**20:.0f} MiB: {judged}")


if __name__ == "__main__":
    main()
