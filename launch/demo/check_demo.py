#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the demo checkpoint with Hugging Face transformers and checks what it must hold; exits 1 when it does not.

Held-back text: loss and entropy per token on documents that training never saw. Prompts: greedy text of the fp32 model
(weights widened from bfloat16), then the bf16 model scored on it by teacher forcing. A near-tie is a position where the
fp32 model's best two logits are at most four bfloat16 steps of the best one apart.
"""
import argparse
import glob
import os
import sys

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from demo_genres import document

SPAN = 20


def entropy(logits):
    """Entropy in nat of the distribution at each position."""
    p = torch.log_softmax(logits, -1)
    return -(p.exp() * p).sum(-1)


def bf16_step(x):
    """Distance of neighbouring bfloat16 values at x: 8 significant bits."""
    return torch.exp2(torch.floor(torch.log2(x.abs().clamp_min(2.0 ** -126))) - 7)


def held_back(model, tokenizer, documents):
    """Loss and entropy per token on unseen documents."""
    loss = total = count = 0.0
    for i in range(documents):
        ids = torch.tensor([tokenizer.encode(document(f"held-back-{i}")).ids])
        logits = model(ids).logits[0, :-1]
        loss += torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum").item()
        total += entropy(logits).sum().item()
        count += len(logits)
    print(f"held-back text: {int(count)} tokens, loss {loss / count:.3f} nat, entropy {total / count:.3f} nat per token")
    return total / count


def repeated_spans(ids):
    """Spans of SPAN tokens that occur a second time in ids."""
    spans = [tuple(ids[i:i + SPAN]) for i in range(len(ids) - SPAN + 1)]
    return len(spans) - len(set(spans))


def score(model, rounded, tokenizer, path, new_tokens):
    """Scores one prompt; returns its row of counts, its text and its token ids."""
    with open(path, encoding="utf-8") as f:
        prompt = tokenizer.encode(f.read()).ids
    with torch.no_grad():
        ids = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                             do_sample=False, max_new_tokens=new_tokens)
        reference = model(ids).logits[0, len(prompt) - 1:-1]
        bf16 = rounded(ids).logits[0, len(prompt) - 1:-1].float()
    best = reference.topk(2).values
    clear = best[:, 0] - best[:, 1] > 4 * bf16_step(best[:, 0])
    target = ids[0, len(prompt):]
    hit = bf16.argmax(-1) == target
    row = dict(prompt=len(prompt), tokens=len(target), top1=int(hit.sum()),
               top5=int((bf16.topk(5).indices == target[:, None]).any(-1).sum()), clear=int(clear.sum()),
               clear_hit=int((clear & hit).sum()), entropy=entropy(reference).sum().item(),
               logit=reference.abs().max().item(), error=(bf16 - reference).abs().max().item(),
               spans=repeated_spans(ids[0].tolist()))
    return row, tokenizer.decode(target.tolist()), ids[0].tolist()


def main():
    """Command line."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default=os.path.join(here, "checkpoint"), help="folder of the checkpoint (default: %(default)s)")
    parser.add_argument("--prompts", nargs="+", help="prompt files (default: launch/prompts/*.txt)",
                        default=sorted(glob.glob(os.path.join(here, "..", "prompts", "*.txt"))))
    parser.add_argument("--new_tokens", type=int, default=128, help="tokens to generate for each prompt (default: %(default)s)")
    parser.add_argument("--documents", type=int, default=40, help="held-back documents (default: %(default)s)")
    parser.add_argument("--text", action="store_true", help="print the greedy text of every prompt too")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(os.path.join(args.model, "tokenizer.json"))
    model, rounded = (AutoModelForCausalLM.from_pretrained(args.model, dtype=d).eval() for d in (torch.float32, torch.bfloat16))
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {tokenizer.get_vocab_size()} tokens")
    with torch.no_grad():
        free_entropy = held_back(model, tokenizer, args.documents)

    rows, texts, everything = {}, {}, set()
    for path in args.prompts:
        name = os.path.basename(path)[:-4]
        rows[name], texts[name], ids = score(model, rounded, tokenizer, path, args.new_tokens)
        start = rows[name]["prompt"]
        spans = {tuple(ids[i:i + SPAN]) for i in range(start, len(ids) - SPAN + 1)}
        rows[name]["spans"] += len(spans & everything)
        everything |= spans
    total = {k: sum(r[k] for r in rows.values()) for k in ("tokens", "top1", "top5", "clear", "clear_hit", "entropy", "spans")}
    total["logit"], total["error"] = (max(r[k] for r in rows.values()) for k in ("logit", "error"))
    heads = ["prompt", "prompt tokens", "scored", "top-1", "top-5", "top-1 where clear", "near-ties", "entropy", "max logit",
             "bf16 error", "repeats"]
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, r in [*rows.items(), ("together", total)]:
        n = r["tokens"]
        print(f"| {name} | {r.get('prompt', '')} | {n} | {r['top1'] / n:.2%} | {r['top5'] / n:.2%} | {r['clear_hit']}/{r['clear']} "
              f"| {1 - r['clear'] / n:.2%} | {r['entropy'] / n:.3f} | {r['logit']:.1f} | {r['error']:.3f} | {r['spans']} |")
    if args.text:
        for name, text in texts.items():
            print(f"\n--- {name}\n{text}")

    n = total["tokens"]
    checks = {
        "entropy on held-back text above 0.5 nat": free_entropy > 0.5,
        "at least five prompts and 500 scored tokens": len(rows) >= 5 and n >= 500,
        "at least 100 scored tokens per prompt": min(r["tokens"] for r in rows.values()) >= 100,
        f"no span of {SPAN} tokens twice": total["spans"] == 0,
        "entropy at scored positions above 0.3 nat": total["entropy"] / n > 0.3,
        "top-1 is 100 % where the margin is clear": total["clear"] == total["clear_hit"],
        "top-1 at least 97 %": total["top1"] >= 0.97 * n,
        "top-5 at least 99.8 %": total["top5"] >= 0.998 * n,
    }
    print()
    for text, holds in checks.items():
        print(f"{'ok  ' if holds else 'FAIL'} {text}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
