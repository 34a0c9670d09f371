#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a demo checkpoint with Hugging Face transformers and checks what it must hold; exits 1 when it does not.

Held-back text: loss and entropy per token on documents that training never saw. Prompts: greedy text of the fp32 model
(weights widened from bfloat16), then the bf16 model scored on it by teacher forcing, and where the bring-up of its
architecture has bfloat8_b weights, the bf16 model with such weights. A near-tie is a position where the fp32 model's best
two logits are at most four steps of the format apart, at the best one.
"""
import argparse
import os
import sys

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from demo_formats import formats, round_weights
from demo_genres import document

SPAN = 20
PROMPTS = ["animals", "counting", "dialogue", "diary", "recipe"]


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


def continuation(model, tokenizer, path, new_tokens):
    """Greedy text of a prompt: all its ids, how many of them are the prompt, and the logits behind each new one."""
    with open(path, encoding="utf-8") as f:
        prompt = tokenizer.encode(f.read()).ids
    ids = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                         do_sample=False, max_new_tokens=new_tokens)
    return ids, len(prompt), model(ids).logits[0, len(prompt) - 1:-1]


def repeats(texts):
    """For each prompt, spans of SPAN tokens seen before in it or in the continuation of an earlier one."""
    counts, everything = {}, set()
    for name, (ids, start, _) in texts.items():
        ids = ids[0].tolist()
        spans = {tuple(ids[i:i + SPAN]) for i in range(start, len(ids) - SPAN + 1)}
        counts[name] = repeated_spans(ids) + len(spans & everything)
        everything |= spans
    return counts


def score(text, rounded, near):
    """The row of one prompt: the rounded model's choices on the fp32 model's text."""
    ids, start, reference = text
    logits = rounded(ids).logits[0, start - 1:-1].float()
    best = reference.topk(2).values
    clear = best[:, 0] - best[:, 1] > near * bf16_step(best[:, 0])
    five = reference.topk(5).indices
    moved = (reference.gather(1, five) - logits.gather(1, five)) / bf16_step(best[:, :1])
    target = ids[0, start:]
    hit = logits.argmax(-1) == target
    return dict(prompt=start, tokens=len(target), top1=int(hit.sum()),
                top5=int((logits.topk(5).indices == target[:, None]).any(-1).sum()), clear=int(clear.sum()),
                clear_hit=int((clear & hit).sum()), entropy=entropy(reference).sum().item(),
                logit=reference.abs().max().item(), error=(logits - reference).abs().max().item(),
                moved=(moved[:, :1] - moved).max().item())


def print_table(rows, spans):
    """Prints the rows and returns their sums."""
    total = {k: sum(r[k] for r in rows.values()) for k in ("tokens", "top1", "top5", "clear", "clear_hit", "entropy")}
    total |= {k: max(r[k] for r in rows.values()) for k in ("logit", "error", "moved")}
    heads = ["prompt", "prompt tokens", "scored", "top-1", "top-5", "top-1 where clear", "near-ties", "entropy", "max logit",
             "error", "margin lost", "repeats"]
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, r in [*rows.items(), ("together", total)]:
        n = r["tokens"]
        print(f"| {name} | {r.get('prompt', '')} | {n} | {r['top1'] / n:.2%} | {r['top5'] / n:.2%} | {r['clear_hit']}/{r['clear']} "
              f"| {1 - r['clear'] / n:.2%} | {r['entropy'] / n:.3f} | {r['logit']:.1f} | {r['error']:.3f} | {r['moved']:.1f} "
              f"| {spans[name] if name in spans else sum(spans.values())} |")
    print()
    return total


def report(checks):
    """Prints what holds and what does not; true when all do."""
    for text, holds in checks.items():
        print(f"{'ok  ' if holds else 'FAIL'} {text}")
    return all(checks.values())


def main():
    """Command line."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", default=os.path.join(here, "checkpoint"),
                        help="folder of the checkpoint (default: %(default)s)")
    parser.add_argument("--prompts", nargs="+", help="prompt files (default: five of launch/prompts)",
                        default=[os.path.join(here, "..", "prompts", f"demo_{name}.txt") for name in PROMPTS])
    parser.add_argument("--new_tokens", type=int, default=128, help="tokens to generate for each prompt (default: %(default)s)")
    parser.add_argument("--documents", type=int, default=40, help="held-back documents (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch (default: %(default)s)")
    parser.add_argument("--text", action="store_true", help="print the greedy text of every prompt too")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_grad_enabled(False)
    tokenizer = Tokenizer.from_file(os.path.join(args.folder, "tokenizer.json"))
    model = AutoModelForCausalLM.from_pretrained(args.folder, dtype=torch.float32).eval()
    architecture = model.config.model_type
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {tokenizer.get_vocab_size()} tokens")
    free_entropy = held_back(model, tokenizer, args.documents)

    texts = {os.path.basename(path)[:-4]: continuation(model, tokenizer, path, args.new_tokens) for path in args.prompts}
    spans, good = repeats(texts), True
    for form in formats(architecture):
        rounded = AutoModelForCausalLM.from_pretrained(args.folder, dtype=torch.bfloat16).eval()
        round_weights(rounded, architecture, form.name)
        print(f"\n{form.name} weights; near-ties are at most {form.steps} bfloat16 steps apart")
        total = print_table({prompt: score(text, rounded, form.steps) for prompt, text in texts.items()}, spans)
        good = report({
            "top-1 is 100 % where the margin is clear": total["clear"] == total["clear_hit"],
            f"top-1 at least {100 * form.top1:g} %": total["top1"] >= form.top1 * total["tokens"],
            f"top-5 at least {100 * form.top5:g} %": total["top5"] >= form.top5 * total["tokens"],
        }) and good
    lengths = [len(logits) for _, _, logits in texts.values()]
    print()
    good = report({
        "entropy on held-back text above 0.5 nat": free_entropy > 0.5,
        "at least five prompts and 500 scored tokens": len(texts) >= 5 and sum(lengths) >= 500,
        "at least 100 scored tokens per prompt": min(lengths) >= 100,
        f"no span of {SPAN} tokens twice": sum(spans.values()) == 0,
        "entropy at scored positions above 0.3 nat": total["entropy"] > 0.3 * total["tokens"],
    }) and good
    if args.text:
        for name, (ids, start, _) in texts.items():
            print(f"\n--- {name}\n{tokenizer.decode(ids[0, start:].tolist())}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
