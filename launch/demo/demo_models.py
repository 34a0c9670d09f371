# SPDX-License-Identifier: Apache-2.0
"""The architectures of the demo checkpoints: for each the config.json of its tiny model, spelled as the files on the Hub are.

Sizes are those of the real models in form, not in number: the ratio of query to KV heads, what is tied, fused or biased,
the type of rope and the width of a head (96 for Phi-3) follow them.
"""
from transformers import AutoConfig, AutoModelForCausalLM

COMMON = dict(hidden_size=128, num_hidden_layers=3, hidden_act="silu", max_position_embeddings=4096,
              attention_dropout=0.0, initializer_range=0.02, use_cache=True)
# Lists of the shape that longrope has: slowly rising for short texts, up to the ratio of the lengths for long ones.
SHORT_FACTOR = [round(1.0 + 2.0 * (i / 47) ** 2, 4) for i in range(48)]
LONG_FACTOR = [round(1.0 + 63.0 * (i / 47) ** 0.5, 4) for i in range(48)]

ARCHITECTURES = {
    "qwen3": dict(
        COMMON, architectures=["Qwen3ForCausalLM"], intermediate_size=256, num_attention_heads=16, num_key_value_heads=8,
        head_dim=64, rms_norm_eps=1e-6, tie_word_embeddings=True, attention_bias=False, sliding_window=None,
        use_sliding_window=False, max_window_layers=3, vocab_size=1100, rope_theta=1000000, rope_scaling=None),
    # The scaling begins well inside the trained length, so that it counts: wavelengths above 128 positions are changed.
    "llama": dict(
        COMMON, architectures=["LlamaForCausalLM"], intermediate_size=352, num_attention_heads=16, num_key_value_heads=4,
        head_dim=32, rms_norm_eps=1e-5, tie_word_embeddings=True, attention_bias=False, mlp_bias=False, vocab_size=1000,
        rope_theta=500000.0,
        rope_scaling=dict(factor=8.0, high_freq_factor=4.0, low_freq_factor=1.0, original_max_position_embeddings=512,
                          rope_type="llama3")),
    # Heads of 96 follow from the two sizes. The last rows of the vocabulary belong to no token.
    "phi3": dict(
        COMMON, architectures=["Phi3ForCausalLM"], hidden_size=192, intermediate_size=160, num_attention_heads=2,
        num_key_value_heads=2, rms_norm_eps=1e-5, tie_word_embeddings=False, attention_bias=False, sliding_window=262144,
        vocab_size=960, max_position_embeddings=131072, original_max_position_embeddings=4096, rope_theta=10000.0,
        rope_scaling=dict(long_factor=LONG_FACTOR, short_factor=SHORT_FACTOR, type="longrope")),
    "mistral": dict(
        COMMON, architectures=["MistralForCausalLM"], intermediate_size=288, num_attention_heads=16, num_key_value_heads=4,
        head_dim=32, rms_norm_eps=1e-5, tie_word_embeddings=False, sliding_window=None, vocab_size=1000, rope_theta=1000000.0),
    "qwen2": dict(
        COMMON, architectures=["Qwen2ForCausalLM"], intermediate_size=352, num_attention_heads=14, num_key_value_heads=2,
        head_dim=32, rms_norm_eps=1e-6, tie_word_embeddings=False, sliding_window=131072, use_sliding_window=False,
        max_window_layers=3, vocab_size=992, rope_theta=1000000.0),
}


def config_content(architecture, ids):
    """What config.json holds; `ids` are the special tokens by their roles, None where there is none."""
    special = {"bos_token_id": ids["bos"], "eos_token_id": ids["eos"]}
    if architecture == "phi3":
        special["pad_token_id"] = ids["pad"]
    content = dict(ARCHITECTURES[architecture], model_type=architecture, torch_dtype="bfloat16", **special)
    return dict(sorted(content.items()))


def generation_content(architecture, ids):
    """What generation_config.json holds; greedy, as the checkpoints are measured."""
    eos = [ids["eos"]] if architecture in ("qwen3", "qwen2", "phi3") else ids["eos"]
    content = dict(bos_token_id=ids["bos"], do_sample=False, eos_token_id=eos)
    return content if ids["pad"] is None else dict(content, pad_token_id=ids["pad"])


def new_model(content):
    """An untrained fp32 model of that config.json."""
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(**content), dtype="float32")
