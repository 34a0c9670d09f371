#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the demo checkpoint: trains a byte-level BPE and a tiny Qwen3 model on text that demo_genres.py writes.

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

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import Qwen3Config, Qwen3ForCausalLM

from demo_genres import document

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
VOCAB_SIZE = 1100
QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
              r"|\s*[\r\n]+|\s+(?!\S)|\s+")
MODEL = dict(hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=16, num_key_value_heads=8,
             head_dim=64, hidden_act="silu", max_position_embeddings=4096, rms_norm_eps=1e-6, tie_word_embeddings=True,
             attention_bias=False, attention_dropout=0.0, initializer_range=0.02, use_cache=True, sliding_window=None,
             use_sliding_window=False, max_window_layers=3)
ROPE_THETA = 1000000


def byte_level(kind):
    """The three byte-level parts of the tokenizer, with the settings of Qwen's tokenizer.json."""
    return kind(add_prefix_space=False, trim_offsets=False, use_regex=False)


def train_tokenizer(seed, documents=2000):
    """A byte-level BPE of VOCAB_SIZE entries, the special tokens last."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated", invert=False), byte_level(pre_tokenizers.ByteLevel)])
    trainer = trainers.BpeTrainer(vocab_size=VOCAB_SIZE - len(SPECIALS), show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator((document(f"{seed}-bpe-{i}") for i in range(documents)), trainer)
    tokenizer.post_processor = byte_level(processors.ByteLevel)
    tokenizer.decoder = byte_level(decoders.ByteLevel)
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIALS])
    return tokenizer


def rows(tokenizer, name, length):
    """Endless rows of length + 1 token ids. Three rows in five start with a document, the others inside one."""
    end, i, rng = tokenizer.token_to_id(SPECIALS[0]), 0, random.Random(name)
    while True:
        ids = []
        while len(ids) <= length:
            new = tokenizer.encode(document(f"{name}-{i}")).ids + [end]
            ids += new[rng.randrange(len(new) // 2):] if not ids and rng.random() < 0.4 else new
            i += 1
        yield ids[:length + 1]


def optimizers(model, lr):
    """Muon for the matrices of the layers, AdamW for the embedding and the norms."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    return [torch.optim.Muon(matrices, lr=lr, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)]


def train(model, tokenizer, args):
    """Trains on short rows first and then on long ones, with a learning rate that falls to zero over both.

    Attention makes long rows dear on a CPU, and most of the language can be learned from short ones.
    """
    def loss_of(ids, targets):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(input_ids=ids, use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())

    phases = [(args.short_steps, 16, 256), (args.long_steps, 9, 448)]
    step, total, began, smooth, groups = 0, args.short_steps + args.long_steps, time.time(), None, optimizers(model, args.lr)
    for phase, (steps, batch, length) in enumerate(phases):
        source, compiled = rows(tokenizer, f"{args.seed}-train-{phase}", length), torch.compile(loss_of, dynamic=False)
        for _ in range(steps):
            for optimizer in groups:
                for group in optimizer.param_groups:
                    group["lr"] = args.lr * min(1.0, (step + 1) / 40, 1.25 * (1 - step / total))
            ids = torch.tensor([next(source) for _ in range(batch)])
            loss = compiled(ids[:, :-1].contiguous(), ids[:, 1:].contiguous())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in groups:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            step += 1
            smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
            if step % 20 == 0:
                print(f"step {step} of {total}, loss {smooth:.4f}, {(time.time() - began) / 60:.1f} minutes", flush=True)


def save(model, tokenizer, folder):
    """Writes the folder, with rope settings and dtype spelled as readers old and new accept them."""
    os.makedirs(folder, exist_ok=True)
    end = tokenizer.token_to_id(SPECIALS[0])
    config = dict(architectures=["Qwen3ForCausalLM"], model_type="qwen3", bos_token_id=end, eos_token_id=end, **MODEL,
                  vocab_size=VOCAB_SIZE, rope_theta=ROPE_THETA, rope_scaling=None, torch_dtype="bfloat16")
    special = {str(tokenizer.token_to_id(s)): dict(content=s, lstrip=False, normalized=False, rstrip=False,
                                                   single_word=False, special=True) for s in SPECIALS}
    files = {
        "config.json": dict(sorted(config.items())),
        "generation_config.json": dict(bos_token_id=end, do_sample=False, eos_token_id=[end], pad_token_id=end),
        "tokenizer_config.json": dict(add_prefix_space=False, added_tokens_decoder=special, bos_token=None,
                                      clean_up_tokenization_spaces=False, eos_token=SPECIALS[0], errors="replace",
                                      model_max_length=MODEL["max_position_embeddings"], pad_token=SPECIALS[0],
                                      tokenizer_class="Qwen2Tokenizer", unk_token=None),
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
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=os.path.join(here, "checkpoint"), help="folder to write (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of text, weights and batches (default: %(default)s)")
    parser.add_argument("--short_steps", type=int, default=350, help="steps of 16 rows of 256 tokens (default: %(default)s)")
    parser.add_argument("--long_steps", type=int, default=90, help="steps of 9 rows of 448 tokens (default: %(default)s)")
    parser.add_argument("--lr", type=float, default=4e-3, help="highest learning rate (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch (default: %(default)s)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tokenizer = train_tokenizer(args.seed)
    config = Qwen3Config(vocab_size=VOCAB_SIZE, rope_parameters={"rope_type": "default", "rope_theta": float(ROPE_THETA)}, **MODEL)
    model = Qwen3ForCausalLM(config).float().train()
    print(f"{sum(p.numel() for p in model.parameters())} parameters, a uniform guess costs {math.log(VOCAB_SIZE):.2f} nat", flush=True)
    train(model, tokenizer, args)
    save(model.eval(), tokenizer, args.out)


if __name__ == "__main__":
    main()
