// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ttx::launch {

/// Two pieces that a tokenizer joins, each a byte or an earlier merge. Texts are plain bytes, a leading space
/// included; a tokenizer file spells them in the byte alphabet.
struct SynthMerge {
  std::string left;
  std::string right;
};

/// That many merges of made-up letter sequences, no result twice: a space and a letter, pairs of letters,
/// then longer ones of up to ten letters. The same count always gives the same list.
std::vector<SynthMerge> synth_merges(std::size_t count);

}  // namespace ttx::launch
