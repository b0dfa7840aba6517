"""Writes resnet.json beside this file: residual networks of timm, their weights as the safetensors library stores them, and
their logits in float64 for the weights as stored.

Needs torch, timm and safetensors. Run: python3 generate_resnet.py [--out DIR]
"""
import argparse
import base64
import json
import pathlib

import torch
from safetensors.torch import save
from timm.models.resnet import BasicBlock, Bottleneck, ResNet

CASES = [
    # name, block, blocks of each stage, widths, stem, size of the images, type that is stored
    ("basic", BasicBlock, (2, 2, 2, 2), (4, 4, 5, 6, 7), "imagenet", (40, 36), torch.float32),
    ("bottleneck", Bottleneck, (3, 4, 6, 3), (3, 2, 2, 2, 2), "imagenet", (33, 38), torch.float16),
    ("cifar", BasicBlock, (2, 2, 2, 2), (3, 3, 4, 4, 5), "cifar", (16, 14), torch.bfloat16),
]
CLASSES = 5


def network(block, blocks, widths, stem):
    model = ResNet(block, blocks, num_classes=CLASSES, stem_width=widths[0], channels=widths[1:])
    # timm's stem is as wide as 64 whatever stem_width says, unless it is a deep one.
    model.conv1 = torch.nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
    model.bn1 = torch.nn.BatchNorm2d(widths[0])
    if stem == "cifar":
        model.conv1 = torch.nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        model.maxpool = torch.nn.Identity()
    first = model.layer1[0]
    entry = first.conv1
    first.conv1 = torch.nn.Conv2d(
        widths[0], entry.out_channels, entry.kernel_size, entry.stride, entry.padding, bias=False
    )
    if block is BasicBlock:
        first.downsample = None  # as wide as the stem, in fact
    else:
        entry = first.downsample[0]
        first.downsample[0] = torch.nn.Conv2d(widths[0], entry.out_channels, 1, entry.stride, bias=False)
    return model


def draw(model):
    """Weights and statistics that all differ, and keep the maps at a size of one."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if not value.is_floating_point():
                continue
            if value.ndim > 1:
                value.copy_(torch.randn_like(value) * (2 / value[0].numel()) ** 0.5)
            elif name.endswith("bias") or name.endswith("running_mean"):
                value.copy_(torch.randn_like(value) * 0.2)
            else:
                value.copy_(torch.rand_like(value) + 0.5)


def case(name, block, blocks, widths, stem, size, dtype):
    model = network(block, blocks, widths, stem).eval()
    draw(model)
    kept = {key: value.to(dtype) if value.is_floating_point() else value for key, value in model.state_dict().items()}
    model.load_state_dict(kept)
    model.double()
    model.load_state_dict(kept)
    images = torch.randn(2, 3, *size, dtype=torch.float64).mul(64).round() / 64
    with torch.no_grad():
        logits = model(images)
    as_array = lambda x: {"shape": list(x.shape), "values": [float(f"{v:.9g}") for v in x.flatten().tolist()]}
    return {
        "name": name,
        "options": {
            "depth": 50 if block is Bottleneck else 18,
            "stem": stem,
            "widths": list(widths),
            "classes": CLASSES,
            "inputShape": [*size, 3],
        },
        "x": as_array(images.permute(0, 2, 3, 1)),
        "y": as_array(logits),
        "file": base64.b64encode(save({key: value.contiguous() for key, value in kept.items()}, {"format": "pt"})).decode(),
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", default=pathlib.Path(__file__).parent, type=pathlib.Path)
    torch.manual_seed(1)
    cases = [case(*row) for row in CASES]
    (arguments.parse_args().out / "resnet.json").write_text(json.dumps(cases, indent=None) + "\n")
