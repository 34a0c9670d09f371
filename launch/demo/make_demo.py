#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a demo checkpoint: trains a tokenizer and a tiny model of the chosen architecture on text that demo_genres.py writes.

The result is an ordinary Hugging Face folder (config.json, generation_config.json, model.safetensors in bfloat16,
tokenizer.json, tokenizer_config.json). Documents, initial weights and batches depend on the seed alone; the last digits
of the trained weights also depend on the PyTorch build and the processor.
"""
import argparse
import json
import math
import os
import random
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads leave the processor to others

import torch
from safetensors.torch import save_file

from demo_genres import document
from demo_models import ARCHITECTURES, config_content, generation_content, new_model
from demo_tokenizers import FORMS


def rows(tokenizer, end, name, length):
    """Endless rows of length + 1 token ids. Three rows in five start with a document, the others inside one."""
    i, rng = 0, random.Random(name)
    while True:
        ids = []
        while len(ids) <= length:
            new = tokenizer.encode(document(f"{name}-{i}")).ids + [end]
            ids += new[rng.randrange(len(new) // 2):] if not ids and rng.random() < 0.4 else new
            i += 1
        yield ids[:length + 1]


def optimizers(model, lr):
    """Muon for the matrices of the layers, AdamW for the embedding, the head, the norms and the biases."""
    def muon(name, parameter):
        return parameter.ndim == 2 and "embed" not in name and "lm_head" not in name

    matrices = [p for n, p in model.named_parameters() if muon(n, p)]
    rest = [p for n, p in model.named_parameters() if not muon(n, p)]
    return [torch.optim.Muon(matrices, lr=lr, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)]


def train(model, tokenizer, end, args):
    """Trains on short rows first and then on long ones, with a learning rate that falls to zero over both.

    Attention makes long rows dear on a CPU, and most of the language can be learned from short ones.
    """
    phases = [(args.short_steps, args.short_rows, args.short_length), (args.long_steps, args.long_rows, args.long_length)]
    step, total, began, smooth, groups = 0, args.short_steps + args.long_steps, time.time(), None, optimizers(model, args.lr)
    for phase, (steps, batch, length) in enumerate(phases):
        source = rows(tokenizer, end, f"{args.seed}-train-{phase}", length)
        for _ in range(steps):
            for optimizer in groups:
                for group in optimizer.param_groups:
                    group["lr"] = args.lr * min(1.0, (step + 1) / 40, 1.25 * (1 - step / total))
            ids = torch.tensor([next(source) for _ in range(batch)])
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(input_ids=ids[:, :-1], use_cache=False).logits
            loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in groups:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            step += 1
            smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
            if step % 20 == 0:
                print(f"step {step} of {total}, loss {smooth:.4f}, {(time.time() - began) / 60:.1f} minutes", flush=True)


def save(model, tokenizer, architecture, folder):
    """Writes the folder, with rope settings and dtype spelled as readers old and new accept them."""
    os.makedirs(folder, exist_ok=True)
    form = FORMS[architecture]
    files = {
        "config.json": config_content(architecture, form.ids(tokenizer)),
        "generation_config.json": generation_content(architecture, form.ids(tokenizer)),
        "tokenizer_config.json": form.config_content(tokenizer, ARCHITECTURES[architecture]["max_position_embeddings"]),
    }
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            json.dump(content, f, indent=2)
            f.write("\n")
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    tensors = {n: p.detach().to(torch.bfloat16).contiguous() for n, p in model.named_parameters()}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), required=True, help="model_type of the checkpoint")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=1, help="seed of text, weights and batches (default: %(default)s)")
    parser.add_argument("--short_steps", type=int, default=600, help="steps of short rows (default: %(default)s)")
    parser.add_argument("--short_rows", type=int, default=16, help="rows of such a step (default: %(default)s)")
    parser.add_argument("--short_length", type=int, default=128, help="tokens of a short row (default: %(default)s)")
    parser.add_argument("--long_steps", type=int, default=120, help="steps of long rows (default: %(default)s)")
    parser.add_argument("--long_rows", type=int, default=5, help="rows of such a step (default: %(default)s)")
    parser.add_argument("--long_length", type=int, default=384, help="tokens of a long row (default: %(default)s)")
    parser.add_argument("--lr", type=float, default=4e-3, help="highest learning rate (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch (default: %(default)s)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    form = FORMS[args.architecture]
    tokenizer = form.train(form, (document(f"{args.seed}-bpe-{i}") for i in range(2000)))
    ids = form.ids(tokenizer)
    model = new_model(config_content(args.architecture, ids)).train()
    guess = math.log(model.config.vocab_size)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, a uniform guess costs {guess:.2f} nat", flush=True)
    train(model, tokenizer, ids["eos"], args)
    save(model.eval(), tokenizer, args.architecture, args.out)


if __name__ == "__main__":
    main()
