"""A peer of bench/src/peers.bench.ts: the same network, recipe and batch in PyTorch, on the processor.

DiffStride is the published computation, with torch.fft. Prints one line of JSON, the milliseconds of each step:
  python3 resnet18.py KIND BATCH STEPS THREADS        KIND: strided or diffstride
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

WIDTHS, STRIDES, SMOOTHNESS = (64, 64, 128, 256, 512), (1, 1, 2, 2, 2), 4.0
WARM_UP = 2


class DiffStride(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.strides = nn.Parameter(torch.full((2,), float(stride)))

    def forward(self, x):
        height, width = x.shape[2:]
        down, across = (stride.clamp(min=n / (n - SMOOTHNESS)) for stride, n in zip(self.strides, (height, width)))
        ramp = lambda kept, places: ((SMOOTHNESS + kept - places) / SMOOTHNESS).clamp(0, 1)
        half = torch.arange((height + 1) // 2)
        places = torch.fft.fftshift(torch.cat([half[height % 2 :].flip(0), half]))
        rows = ramp((height / down).clamp(min=2) / 2, places)
        columns = ramp((width / across).clamp(min=2) / 2 + 1, torch.arange(width // 2 + 1))
        spectrum = torch.fft.rfft2(x) * rows[:, None] * columns
        return torch.fft.irfft2(spectrum[:, :, rows.detach() > 0][..., columns.detach() > 0])


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride, projects, learns):
        super().__init__()
        self.pool = DiffStride(stride) if learns and projects else nn.Identity()
        stride = 1 if learns else stride
        self.norms = nn.ModuleList([nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)])
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if projects else None

    def forward(self, x):
        y = self.pool(self.first(F.relu(self.norms[0](x))))
        y = self.second(F.relu(self.norms[1](y)))
        return y + (self.pool(self.shortcut(x)) if self.shortcut else x)


def resnet18(learns):
    layers = [nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False)]
    if learns:
        layers.append(DiffStride(STRIDES[0]))
    for stage in range(1, 5):
        before, width = WIDTHS[stage - 1 : stage + 1]
        layers.append(Residual(before, width, STRIDES[stage], stage > 1, learns))
        layers.append(Residual(width, width, 1, False, learns))
    return nn.Sequential(*layers, nn.BatchNorm2d(512), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def main():
    kind, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    # The faster of PyTorch's two layouts here.
    layout = torch.channels_last
    model = resnet18(kind == "diffstride").to(memory_format=layout)
    images = torch.randn(batch, 3, 32, 32).contiguous(memory_format=layout)
    labels = torch.arange(batch) % 10
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
    times = []
    for _ in range(WARM_UP + steps):
        start = time.perf_counter()
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1e3)
    name = f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
    print(json.dumps({"name": name, "times": times[WARM_UP:]}))


main()
