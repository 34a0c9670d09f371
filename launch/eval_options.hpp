// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ccl/transport_kind.hpp"
#include "launch/command_line.hpp"
#include "models/common/run_limits.hpp"
#include "models/hf/rope_config.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// The longest sequence that is taken: beyond every model's positions; a rotary table and a cache of that
/// length are still possible.
constexpr std::int64_t kMaxSeqLen = std::int64_t{1} << 20;

/// The command line of ttx-eval; names and defaults are those of the bring-ups' eval.py, plus ttx's own below
/// the line.
struct EvalOptions {
  std::filesystem::path model_path;
  std::string model = "meta-llama/Llama-3.2-1B";
  std::string prompt = "1 2 3 4 5 6 7 8 9 10 11 12";
  bool prompt_given = false;
  std::optional<std::string> prompt_file;
  std::optional<std::string> prompt_ids_file;
  std::int64_t max_new_tokens = 20;
  bool max_new_tokens_given = false;
  std::optional<std::int64_t> min_new_tokens;
  std::int64_t max_seq_len = 2048;
  bool prefill_decode = false;
  int device_id = 0;
  std::int64_t seed = 0;
  std::optional<std::string> cache_dir;
  // ------------------------------------------------------------------
  std::optional<std::string> reference;
  hf::YarnFactor yarn_factor = hf::YarnFactor::kFile;
  std::optional<MeshShape> mesh;
  std::optional<std::int64_t> max_cache_seq_len;
  bool device_limits = false;
  Numerics numerics = Numerics::kExact;
  ccl::TransportKind ccl = ccl::TransportKind::kMpi;
  std::optional<std::string> isa;
  /// --threads, else TTX_THREADS; 0: all cores for one rank, one thread for each of several.
  int threads = 0;
  bool no_cache = false;
  bool memory = false;
  std::optional<std::string> json;
  std::optional<std::string> logits_out;

  RunLimits limits() const {
    return {max_seq_len, max_cache_seq_len, device_limits ? DeviceLimits::kHold : DeviceLimits::kIgnored};
  }
};

/// Parses on every rank alike; `speak` is for --help. nullopt when help was shown. Throws Error(kUsage).
std::optional<EvalOptions> parse_eval_options(int argc, char** argv, Speak speak);

/// The bounds of --max_new_tokens and --min_new_tokens. Throws Error(kUsage).
void check_token_counts(const EvalOptions& options);

/// "2x4" -> (2, 4), of at most 64 devices. Throws Error(kUsage).
MeshShape parse_mesh(const std::string& text);

}  // namespace ttx::launch
