// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "launch/run_eval_metrics.hpp"
#include "launch/run_eval_options.hpp"

namespace ttx::launch {

/// Longer prompts go through the decode path.
constexpr std::int64_t kLongestPrefill = 512;

/// The command that evaluates one point: ttx-launch, ttx-eval and its arguments.
std::vector<std::string> eval_command(const RunEvalOptions& options, const EvalPoint& point,
                                      const std::filesystem::path& launcher,
                                      const std::filesystem::path& bring_up,
                                      const std::filesystem::path& prompt_ids_file);

/// The fractions in what ttx-eval has printed: of the last lines that begin with "Top-1 accuracy:" and "Top-5
/// accuracy:", what the last pair of round brackets holds. `total` is left 0. Throws Error "Failed to parse
/// ttx-eval output ...".
Agreement parse_accuracy(std::string_view output);

/// Runs ttx-eval for one point under ttx-launch, in the current folder. What it prints is kept back, or, on a
/// terminal, shown on stderr as it comes; where it fails all of it is printed, each stream to its own. Throws
/// Error with the child's exit code when that is not 0, and, where the caller holds an Interruption,
/// Interrupted when a signal came, the child then being at its end.
Agreement evaluate_bring_up(const RunEvalOptions& options, const EvalPoint& point,
                            const std::filesystem::path& bring_up, std::span<const std::int32_t> prompt);

}  // namespace ttx::launch
