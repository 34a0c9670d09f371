# SPDX-License-Identifier: Apache-2.0
"""Trains the tokenizers of the demo checkpoints, in the file forms of the real models' tokenizer.json.

Byte-level: Qwen's form (NFC, single digits, no token added to a text) and Llama 3's (digits in threes, a token in front of
a text). SentencePiece's: Mistral's (a mark in front of the text) and Phi-3's (a normalizer that puts the mark there); both
have tokens for bytes, of which the line break is one.
"""
import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

MARK = "\u2581"
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{numbers}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
# Where training of SentencePiece cuts: marks in front of words, digits and signs by themselves.
PIECES = rf"{MARK}?\p{{L}}+|\p{{N}}|{MARK}?[^\s\p{{L}}\p{{N}}{MARK}]+|\n|{MARK}"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


class Form:
    """A tokenizer's size, how it is trained, its special tokens by role and those that stand first or last in the
    vocabulary, and what else its tokenizer_config.json says."""

    def __init__(self, size, train, tokenizer_class, bos, eos, pad, last=(), first=(), **config):
        self.size, self.train, self.tokenizer_class, self.config = size, train, tokenizer_class, config
        self.first, self.last, self.names = first, last, dict(bos=bos, eos=eos, pad=pad)

    def ids(self, tokenizer):
        """The ids of the special tokens by role, None where there is none."""
        return {role: tokenizer.token_to_id(name) if name else None for role, name in self.names.items()}

    def config_content(self, tokenizer, longest):
        """What tokenizer_config.json holds."""
        added = {str(i): dict(content=t.content, lstrip=t.lstrip, normalized=t.normalized, rstrip=t.rstrip,
                              single_word=t.single_word, special=t.special)
                 for i, t in sorted(tokenizer.get_added_tokens_decoder().items())}
        content = dict(added_tokens_decoder=added, bos_token=self.names["bos"], clean_up_tokenization_spaces=False,
                       eos_token=self.names["eos"], model_max_length=longest, pad_token=self.names["pad"],
                       tokenizer_class=self.tokenizer_class)
        return dict(sorted((content | self.config).items()))


def byte_level(kind, trim_offsets=False, add_prefix_space=False, use_regex=False):
    """A byte-level part of the tokenizer."""
    return kind(add_prefix_space=add_prefix_space, trim_offsets=trim_offsets, use_regex=use_regex)


def special(content, **flags):
    """A special token, looked for in the text as it is."""
    return AddedToken(content, special=True, normalized=False, **flags)


def in_front(tokenizer, token):
    """The post-processor that puts `token` in front of a text."""
    return processors.TemplateProcessing(single=f"{token} $A", pair=f"{token} $A {token}:1 $B:1",
                                         special_tokens=[(token, tokenizer.token_to_id(token))])


def train_bytes(form, documents, numbers, llama):
    """Byte-level BPE, the special tokens last."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True) if llama else models.BPE())
    if not llama:
        tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(SPLIT.format(numbers=numbers)), "isolated", invert=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level(pre_tokenizers.ByteLevel, trim_offsets=llama)])
    trainer = trainers.BpeTrainer(vocab_size=form.size - len(form.last), show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.add_special_tokens([special(name) for name in form.last])
    if llama:
        tokenizer.decoder = byte_level(decoders.ByteLevel, True, True, True)
        steps = [byte_level(processors.ByteLevel, False, True, True), in_front(tokenizer, form.names["bos"])]
        tokenizer.post_processor = processors.Sequence(steps)
    else:
        tokenizer.post_processor = byte_level(processors.ByteLevel)
        tokenizer.decoder = byte_level(decoders.ByteLevel)
    return tokenizer


def train_qwen(form, documents):
    """Qwen's form."""
    return train_bytes(form, documents, r"\p{N}", llama=False)


def train_llama(form, documents):
    """Llama 3's form."""
    return train_bytes(form, documents, r"\p{N}{1,3}", llama=True)


def sentence_pieces(form, documents):
    """A vocabulary in SentencePiece's order (control tokens, bytes, merged tokens, characters) with every pair that makes
    a token as a merge, in the order of the tokens."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    trained.pre_tokenizer = pre_tokenizers.Split(Regex(PIECES), "isolated")
    fixed = len(form.first) + len(form.last) + len(BYTES) - 1  # the line break is a character here and a byte there
    trainer = trainers.BpeTrainer(vocab_size=form.size - fixed, show_progress=False)
    trained.train_from_iterator(documents, trainer)
    tokens = sorted(trained.get_vocab().items(), key=lambda item: (len(item[0]) == 1, item[1]))
    order = [*form.first, *BYTES, *(token for token, _ in tokens if token != "\n")]
    vocab = {token: i for i, token in enumerate(order)}
    merges = []
    for token in order[len(form.first) + len(BYTES):]:
        pairs = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        made = [pair for pair in pairs if pair[0] in vocab and pair[1] in vocab]
        merges += sorted(made, key=lambda pair: (vocab[pair[0]], vocab[pair[1]]))
    return vocab, merges


def train_sentence_pieces(form, documents, phi3):
    """Mistral's and Phi-3's forms."""
    vocab, merges = sentence_pieces(form, documents)
    model = models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(model)
    if phi3:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(MARK, prepend_scheme="first", split=False)
    tokenizer.add_special_tokens([special(name) for name in form.first])
    tokenizer.add_special_tokens([special(name, rstrip=True) for name in form.last])
    tokenizer.decoder = decoders.Sequence([decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    if phi3:
        tokenizer.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B:1", special_tokens=[])
    else:
        tokenizer.post_processor = in_front(tokenizer, form.names["bos"])
    return tokenizer


def train_mistral(form, documents):
    """Mistral's form."""
    return train_sentence_pieces(form, documents, phi3=False)


def train_phi3(form, documents):
    """Phi-3's form."""
    return train_sentence_pieces(form, documents, phi3=True)


IM = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
QWEN = dict(add_prefix_space=False, bos_token=None, errors="replace", unk_token=None)
CONTROL = ("<unk>", "<s>", "</s>")
FORMS = {
    "qwen3": Form(1100, train_qwen, "Qwen2Tokenizer", IM[0], IM[0], IM[0], last=IM, **QWEN),
    "qwen2": Form(960, train_qwen, "Qwen2Tokenizer", IM[0], IM[0], IM[0], last=IM, **QWEN),
    "llama": Form(1000, train_llama, "PreTrainedTokenizerFast", "<|begin_of_text|>", "<|end_of_text|>", None,
                  last=("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")),
    "mistral": Form(1000, train_mistral, "LlamaTokenizer", "<s>", "</s>", None, first=(*CONTROL, "[INST]", "[/INST]"),
                    add_bos_token=True, add_eos_token=False, legacy=False, unk_token="<unk>"),
    "phi3": Form(941, train_phi3, "LlamaTokenizer", "<s>", "<|endoftext|>", "<|endoftext|>", first=CONTROL,
                 last=("<|endoftext|>", "<|assistant|>", "<|end|>", "<|user|>"),
                 add_bos_token=False, add_eos_token=False, legacy=False, unk_token="<unk>"),
}
