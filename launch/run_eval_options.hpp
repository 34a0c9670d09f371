// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "launch/command_line.hpp"
#include "models/hf/rope_config.hpp"

namespace ttx::launch {

enum class EvalMode {
  kHf,  ///< the reference scores itself
  kTt,  ///< a bring-up is scored by ttx-eval
};

/// start, start + step, ... up to `end`, which belongs to it where a step meets it.
struct LengthRange {
  std::int64_t start = 1;
  std::int64_t end = 1;
  std::int64_t step = 1;
};

/// "start:end" or "start:end:step". Throws Error(kUsage), naming `flag`, unless 1 <= start <= end <=
/// kMaxSeqLen and step >= 1.
LengthRange parse_length_range(const std::string& text, const std::string& flag);

/// The command line of ttx-run-eval; names and defaults are those of the bring-ups' scripts/run_eval.py, with
/// the length ranges of its later versions, plus ttx's own below the line.
struct RunEvalOptions {
  EvalMode mode = EvalMode::kHf;
  std::string hf_model;
  std::string system = "n150";
  std::int64_t prefill_len = 20;
  std::int64_t decode_len = 20;
  std::int64_t batch = 1;
  std::int64_t trace = 0;
  bool prefill_decode = false;
  std::optional<std::string> cache_dir;
  std::optional<LengthRange> prefill_len_range;
  std::optional<std::int64_t> max_seq_len;
  std::optional<LengthRange> max_seq_len_range;
  // ------------------------------------------------------------------
  std::optional<std::string> checkpoint;
  hf::YarnFactor yarn_factor = hf::YarnFactor::kFile;
  bool no_cache = false;

  /// Where tokenizer and weights come from: a folder or a Hugging Face id.
  const std::string& weights() const { return checkpoint ? *checkpoint : hf_model; }
};

/// nullopt when help was shown. Throws Error(kUsage).
std::optional<RunEvalOptions> parse_run_eval_options(int argc, char** argv);

/// One evaluation: a metrics line.
struct EvalPoint {
  std::int64_t prefill_len = 0;
  std::optional<std::int64_t> max_seq_len;  ///< where a flag asks for one
};

/// Those that the options ask for, in the order in which they are run. Throws Error(kUsage) when one of them
/// does not fit its max_seq_len.
std::vector<EvalPoint> eval_points(const RunEvalOptions& options);

}  // namespace ttx::launch
