// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "launch/run_eval_metrics.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "models/hf/rope_config.hpp"
#include "models/reference/token_cache.hpp"

namespace ttx::launch {

/// The fp32 reference against itself: `decode_len` greedy tokens after the prompt (fewer where an end of
/// sequence comes before), found in `cache` or kept there, then teacher forcing of those by the same model.
/// Zeros, and nothing is loaded, when decode_len < 1. Processors of generation_config (a repetition penalty)
/// take part in the choice and not in the score. Throws Error as the reference and the checkpoint do, which
/// refuses another factor than the file's where there is no yarn.
Agreement score_reference(const std::filesystem::path& folder, std::span<const std::int32_t> prompt,
                          std::int64_t decode_len, PromptPath path, hf::YarnFactor yarn_factor,
                          reference::TokenCache& cache);

}  // namespace ttx::launch
