#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Greedy fp32 reference of a Hugging Face model, made by the transformers library itself.

Writes one safetensors file that ttx reads with --reference. P = prompt tokens, N = generated tokens,
V = vocabulary rows, H = hidden size, L = layers:

  prompt_ids     I64 [P]
  target_ids     I64 [N]             the greedy tokens; an end-of-sequence token that stopped it is the last one
  logits         F32 [N, V]          row i = the model's logits at the position that predicts target i, before
                                     repetition penalty and other processors
  hidden_states  F32 [L+1, P+N-1, H] only with --hidden_states; entry 0 = embedding output, entry i = output of
                                     layer i, but entry L is taken after the final norm (as transformers gives it)
  __metadata__   format "ttx-reference", version "1", model, producer ("transformers <version>"), dtype "float32",
                 checkpoint_fingerprint ("" from this script)

The model runs in float32 with do_sample=False; its generation_config (end-of-sequence list, repetition penalty, ...)
applies. Exit code 0: written; 2: bad arguments; 1: anything else. Errors are one line on stderr.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

DEFAULT_PROMPT = "1 2 3 4 5 6 7 8 9 10 11 12"
INT64_MAX = 2**63 - 1


class ArgumentError(Exception):
    """Something the caller passed is wrong: exit code 2."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise ArgumentError(message)


def parse_arguments(argv):
    parser = Parser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--model", required=True, help="checkpoint folder or hub id")
    prompt = parser.add_mutually_exclusive_group()
    prompt.add_argument("--prompt", help=f"prompt text (default {DEFAULT_PROMPT!r})")
    prompt.add_argument("--prompt_file", type=Path, help="text file; its whole content is the prompt")
    prompt.add_argument("--prompt_ids_file", type=Path, help="JSON list of token ids; no tokenizer is used")
    parser.add_argument("--max_new_tokens", type=int, default=20)
    parser.add_argument("--min_new_tokens", type=int, help="no end-of-sequence token before that many new tokens")
    parser.add_argument("--cache_dir", help="hub cache folder (default: the library's)")
    parser.add_argument("--hidden_states", action="store_true", help="also write every layer's hidden states")
    parser.add_argument("--output", type=Path, required=True, help="safetensors file to write")
    arguments = parser.parse_args(argv)
    if arguments.max_new_tokens < 1:
        raise ArgumentError(f"--max_new_tokens must be at least 1: got {arguments.max_new_tokens}")
    least = arguments.min_new_tokens
    if least is not None and not 0 <= least <= arguments.max_new_tokens:
        raise ArgumentError(f"--min_new_tokens must be from 0 to --max_new_tokens ({arguments.max_new_tokens}): got {least}")
    if not arguments.output.parent.is_dir():
        raise ArgumentError(f"--output: folder {arguments.output.parent} does not exist")
    if arguments.output.is_dir():
        raise ArgumentError(f"--output: {arguments.output} is a folder, expected a file name")
    return arguments


def read_text(path, flag):
    try:
        # newline="" keeps \r\n as it stands in the file.
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{flag}: cannot read {path}: {error}") from error


def read_ids(path):
    try:
        ids = json.loads(read_text(path, "--prompt_ids_file"))
    except json.JSONDecodeError as error:
        raise ArgumentError(f"--prompt_ids_file: {path} is not JSON: {error}") from error
    if not isinstance(ids, list) or not ids:
        raise ArgumentError(f"--prompt_ids_file: {path} must hold a non-empty JSON list of token ids")
    for token in ids:
        if type(token) is not int or not 0 <= token <= INT64_MAX:
            raise ArgumentError(f"--prompt_ids_file: {path} holds {token!r}, which is not a token id")
    return ids


def given_prompt_ids(arguments):
    """Prompt ids, or (None, text) when a tokenizer is needed; reads the files before anything slow happens."""
    if arguments.prompt_ids_file is not None:
        return read_ids(arguments.prompt_ids_file), None
    if arguments.prompt_file is not None:
        return None, read_text(arguments.prompt_file, "--prompt_file")
    return None, DEFAULT_PROMPT if arguments.prompt is None else arguments.prompt


def check_prompt(ids, config, max_new_tokens):
    text = config.get_text_config()
    if not ids:
        raise ArgumentError("the prompt has no tokens; give a longer one, or check that the model has a tokenizer.json")
    if max(ids) >= text.vocab_size:
        raise ArgumentError(f"prompt token {max(ids)} is outside the vocabulary of {text.vocab_size}")
    limit = getattr(text, "max_position_embeddings", None)
    if limit is not None and len(ids) + max_new_tokens > limit:
        raise ArgumentError(
            f"prompt tokens ({len(ids)}) + new tokens ({max_new_tokens}) exceeds the model's {limit} positions"
        )


def greedy(model, prompt_ids, hidden_states=False, **settings):
    """Greedy generation with the library's own loop and cache; the tensors of the file format.

    settings go to generate() as they are (max_new_tokens, min_new_tokens, eos_token_id, repetition_penalty, ...)."""
    import torch

    prompt = torch.tensor([prompt_ids], dtype=torch.int64)
    with torch.no_grad():
        result = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            do_sample=False,
            use_cache=True,
            output_logits=True,
            output_hidden_states=hidden_states,
            return_dict_in_generate=True,
            **settings,
        )
    targets = result.sequences[0, len(prompt_ids) :]
    if targets.numel() == 0:
        raise RuntimeError("generation gave no token")
    tensors = {
        "prompt_ids": prompt[0],
        "target_ids": targets.to(torch.int64),
        "logits": torch.cat(result.logits).to(torch.float32),
    }
    if hidden_states:
        # One tuple per forward call (the prompt, then one position each), each with one tensor per layer. Phi-3 computes
        # the whole sequence again where its rotary factors change: only the last position of such a call is new.
        layers = zip(*result.hidden_states)
        new = [[step if i == 0 else step[:, -1:] for i, step in enumerate(steps)] for steps in layers]
        tensors["hidden_states"] = torch.stack([torch.cat(steps, dim=1)[0].to(torch.float32) for steps in new])
    return tensors


def with_sorted_header(data):
    """The same safetensors bytes with the header's keys in order: the library orders metadata differently in every run."""
    size = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + size]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def write_reference(path, tensors, model_name):
    """Writes the file whole or not at all: a temporary file beside it, then a rename."""
    import transformers
    from safetensors.torch import save

    metadata = {
        "format": "ttx-reference",
        "version": "1",
        "model": model_name,
        "producer": f"transformers {transformers.__version__}",
        "dtype": "float32",
        "checkpoint_fingerprint": "",
    }
    data = with_sorted_header(save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata))
    path = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=path.name + ".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def run(arguments):
    prompt_ids, text = given_prompt_ids(arguments)
    if not Path(arguments.model).is_dir() and (arguments.model.count("/") > 1 or arguments.model[:1] in "./~"):
        raise ArgumentError(f"--model: folder {arguments.model} does not exist")
    try:
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise RuntimeError(f"needs the Python packages torch, transformers and safetensors: {error}") from error

    config = AutoConfig.from_pretrained(arguments.model, cache_dir=arguments.cache_dir)
    if prompt_ids is None:
        tokenizer = AutoTokenizer.from_pretrained(arguments.model, cache_dir=arguments.cache_dir)
        prompt_ids = list(tokenizer(text)["input_ids"])
    check_prompt(prompt_ids, config, arguments.max_new_tokens)

    model = AutoModelForCausalLM.from_pretrained(arguments.model, cache_dir=arguments.cache_dir, dtype=torch.float32)
    model.eval()
    settings = {"max_new_tokens": arguments.max_new_tokens}
    if arguments.min_new_tokens is not None:
        settings["min_new_tokens"] = arguments.min_new_tokens
    tensors = greedy(model, prompt_ids, arguments.hidden_states, **settings)
    write_reference(arguments.output, tensors, arguments.model)
    print(f"{arguments.output}: {len(prompt_ids)} prompt tokens, {len(tensors['target_ids'])} new tokens", file=sys.stderr)


def main(argv=None):
    try:
        run(parse_arguments(argv))
    except KeyboardInterrupt:
        return 1
    except Exception as error:  # every failure ends as one line, whatever library it came from
        kind = "" if isinstance(error, (ArgumentError, RuntimeError)) else f"{type(error).__name__}: "
        print(f"make_reference.py: error: {kind}{' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, ArgumentError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
