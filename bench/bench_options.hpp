// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ccl/transport_kind.hpp"
#include "launch/command_line.hpp"
#include "models/common/run_limits.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::bench {

/// The command line of ttx-bench.
struct BenchOptions {
  std::filesystem::path model_path;
  std::string model;
  std::optional<std::string> cache_dir;
  std::vector<std::int64_t> prefill;  ///< lengths
  std::vector<std::int64_t> decode;   ///< positions
  /// Lengths and positions were named: one that the cache cannot hold is an error, not left out.
  bool prefill_given = false, decode_given = false;
  int rounds = 7;
  int load_rounds = 3;
  std::int64_t steps = 4;  ///< decode steps of a round
  std::int64_t probe_megabytes = 512;
  std::optional<MeshShape> mesh;
  std::optional<std::int64_t> max_cache_seq_len;
  ccl::TransportKind ccl = ccl::TransportKind::kMpi;
  bool no_cache = false;
  std::optional<std::string> isa;
  int threads = 0;  ///< 0: all cores for one rank, one thread for each of several
  std::optional<std::string> json;
  std::optional<std::string> plot;

  /// As long as the longest length or position needs, and as a bring-up needs at least.
  RunLimits limits() const;
};

/// Parses on every rank alike; `speak` is for --help. nullopt when help was shown. Throws Error(kUsage).
std::optional<BenchOptions> parse_bench_options(int argc, char** argv, launch::Speak speak);

}  // namespace ttx::bench
