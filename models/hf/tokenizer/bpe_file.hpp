// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/merge_table.hpp"
#include "models/hf/tokenizer/vocabulary.hpp"

namespace ttx::hf {

/// Throws ttx::Error (kCheckpoint) unless `model` is a BPE model all of whose options are supported.
void check_bpe_options(const JsonNode& model);

/// The merges in either spelling, "left right" or ["left", "right"]; the rank is the place in the list, not
/// counting lines that begin with "#version". Throws ttx::Error (kCheckpoint) when an entry has not two
/// parts, or when a part or the joined token is not in the vocabulary.
MergeTable read_merges(const JsonNode& merges, const Vocabulary& vocabulary);

}  // namespace ttx::hf
