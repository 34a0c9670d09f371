#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens synthetic checkpoints with the transformers library: no tensor missing, none unexpected, finite logits.

    python tests/launch/check_synth.py build/dev/bin/ttx-synth [MODEL-ID ...]

Not part of the test suite, which runs without Python packages. Last run with torch 2.15.0 and
transformers 5.24.0.
"""

import argparse
import subprocess
import tempfile

import torch
import transformers


def known_models(program):
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    line = next(line for line in text.splitlines() if line.startswith("Models: "))
    return line.removeprefix("Models: ").split(", ")


def load(folder):
    """The language model, and what the library says about its tensors."""
    options = {"dtype": torch.float32, "output_loading_info": True, "local_files_only": True}
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.model_type == "gemma3":
        # The text half alone: its vision tower is not written.
        return transformers.Gemma3ForCausalLM.from_pretrained(
            folder, config=config.text_config, key_mapping={r"^language_model\.model\.": "model."}, **options)
    return transformers.AutoModelForCausalLM.from_pretrained(folder, **options)


def check(program, model_id):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "--model", model_id, "--tiny", "--output", folder], check=True,
                       stdout=subprocess.DEVNULL)
        model, info = load(folder)
        for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
            if info.get(kind):
                raise SystemExit(f"{model_id}: {kind}: {info[kind]}")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        text = "the other tent \n\n 12"
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        if tokenizer.decode(ids[0], skip_special_tokens=True) != text:
            raise SystemExit(f"{model_id}: the tokenizer does not give the text back")
        with torch.no_grad():
            logits = model.eval()(ids).logits[0]
        if not torch.isfinite(logits).all():
            raise SystemExit(f"{model_id}: a logit is not finite")
        distinct = len(set(logits.argmax(dim=-1).tolist()))
        print(f"{model_id}: {type(model).__name__}, {sum(p.numel() for p in model.parameters())} parameters, "
              f"logits {tuple(logits.shape)} spread {logits.std():.2f}, {distinct} choices at "
              f"{logits.shape[0]} positions, {len(tokenizer)} tokens")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="ttx-synth")
    parser.add_argument("models", nargs="*", help="ids; all that the program knows when none is given")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, transformers {transformers.__version__}")
    for model_id in arguments.models or known_models(arguments.program):
        check(arguments.program, model_id)


if __name__ == "__main__":
    main()
