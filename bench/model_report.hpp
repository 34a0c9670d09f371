// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/host_probe.hpp"
#include "launch/memory_use.hpp"

namespace ttx::bench {

/// One kind of step: prefill of `at` tokens, or decode of the token at position `at`. A value per round.
struct Measured {
  enum class Kind { kPrefill, kDecode };
  Kind kind = Kind::kPrefill;
  std::int64_t at = 0;
  double bytes = 0;                ///< that a step must read
  double flops = 0;                ///< that it must do
  std::vector<double> seconds;     ///< of a step
  std::vector<double> local;       ///< of a step with local copies for collectives; empty with one rank
  std::vector<HostLimits> limits;  ///< of the host, right before

  /// Tokens that a step takes in.
  double tokens() const { return kind == Kind::kPrefill ? static_cast<double>(at) : 1.0; }
  /// Per round: the time that the limits allow at least over the time taken, by reading, by arithmetic, and
  /// by the longer of both.
  std::vector<double> read_shares() const;
  std::vector<double> peak_shares() const;
  std::vector<double> shares() const;
};

/// Loads of the model, in seconds.
struct LoadTimes {
  double ready = 0;  ///< from the start of the slowest rank's process to its first model
  double first = 0;  ///< of that model alone, its files as they were found
  std::vector<double> cold, warm;
  std::vector<double> kept;  ///< before each cold load: share of the files that stayed in memory
};

/// What ttx-bench found out, on device 0.
struct ModelReport {
  std::string model;     ///< folder of the checkpoint
  std::string bring_up;  ///< as it was named
  std::string machine;
  int ranks = 1;
  int threads = 1;  ///< of each rank
  int probe_threads = 1;
  std::string ccl, isa, peak_name, weight_types;
  int rounds = 1;
  std::int64_t steps = 1;
  double weight_bytes = 0;  ///< of one token, over all ranks
  double cache_bytes = 0;   ///< of the positions that were touched
  LoadTimes load;
  std::vector<Measured> measured;
  std::vector<launch::DeviceMemory> memory;
};

/// What a long cache costs: decode at the last position measured beside the first.
struct LongerCache {
  std::int64_t from = 0, to = 0;
  std::vector<double> seconds;  ///< per round: a step's time at `to` less that at `from`
  std::vector<double> read;     ///< per round: GB/s that the host reads from pages as small as a cache's
  std::vector<double> ratio;    ///< per round: `seconds` over the time of reading the keys and values between
};
/// nullopt unless decode was measured at two positions that differ in what they read.
std::optional<LongerCache> longer_cache(const std::vector<Measured>& measured);

/// The table of stdout.
std::string table_text(const ModelReport& report);

/// Written whole or not at all; README.md beside this file names the keys.
void write_json(const std::filesystem::path& file, const ModelReport& report);

/// A bar chart of the shares as SVG. Written whole or not at all.
void write_plot(const std::filesystem::path& file, const ModelReport& report);

}  // namespace ttx::bench
