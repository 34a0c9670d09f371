# SPDX-License-Identifier: Apache-2.0
"""The weight formats that the bring-ups of the demo checkpoints' architectures use, played with PyTorch."""
import torch

GROUP = 16  # neighbouring outputs of a matrix, or neighbouring columns of a table, share an exponent
# Which matrices are bfloat8_b; all others, norms and biases are bfloat16.
BFLOAT8_B = {
    "mistral": lambda name: True,
    "qwen2": lambda name: "self_attn" not in name and "down_proj" not in name,
}


class Format:
    """What is asked of a weight format. A margin is clear that exceeds `steps` bfloat16 steps of the best logit: four steps
    of the weights' format, of which bfloat8_b has 7 significant bits at most where bfloat16 has 8."""

    def __init__(self, name, steps, top1, top5):
        self.name, self.steps, self.top1, self.top5 = name, steps, top1, top5


def formats(architecture):
    """The formats to measure: the file's own and the bring-up's."""
    own = Format("bfloat16", 4, 0.97, 0.998)
    return [own, Format("bfloat8_b", 8, 0.95, 0.995)] if architecture in BFLOAT8_B else [own]


def bfloat8_b(values):
    """The nearest values of bfloat8_b, ties to even: groups of the last dimension, 7 bits below the largest exponent."""
    width = values.shape[-1]
    groups = torch.nn.functional.pad(values.double(), (0, -width % GROUP)).unflatten(-1, (-1, GROUP))
    exponent = torch.frexp(groups.abs().amax(-1, keepdim=True)).exponent - 1
    step = torch.exp2(exponent.double() - 6)
    return (torch.round(groups / step).clamp(-127, 127) * step).flatten(-2)[..., :width].to(values.dtype)


def round_weights(model, architecture, name):
    """Rounds the matrices of `model` that are not bfloat16 in the format `name`."""
    if name == "bfloat8_b":
        with torch.no_grad():
            for key, p in model.named_parameters():
                if p.ndim == 2 and BFLOAT8_B[architecture](key):
                    p.copy_(bfloat8_b(p) if "embed" in key else bfloat8_b(p.T).T)
    return model
