// SPDX-License-Identifier: Apache-2.0
// How near does linear come to what the machine allows: the memory bandwidth in decode, the bf16 peak in
// prefill?
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/linear_workload.hpp"
#include "bench/machine.hpp"
#include "bench/statistics.hpp"

namespace {

using namespace ttx::bench;

constexpr std::int64_t kPrefillRows = 128;
constexpr std::int64_t kPrefillBytes = 96 << 20;

struct Row {
  Pass pass;
  std::vector<double> bandwidth;   ///< GB/s of weights
  std::vector<double> arithmetic;  ///< GFLOP/s
  std::vector<double> shares;      ///< of the time that the probes of the same round allow at least
};

std::vector<Row> rows_for(std::int64_t all_bytes, const std::vector<std::int64_t>& row_counts,
                          WeightType type) {
  const std::vector<WeightShape> shapes = {
      {3072, 1024, 1, type}, {1024, 2048, 8, type}, {1024, 3072, 8, type}};
  std::vector<Pass> passes = {qwen3_token(1, type)};
  for (const WeightShape& shape : shapes) {
    passes.push_back(repeated(1, shape, all_bytes));
  }
  for (const std::int64_t m : {2, 6, 12}) {
    passes.push_back(repeated(m, shapes[0], all_bytes / 4));
  }
  for (const std::int64_t m : {32, 128}) {
    for (const WeightShape& shape : shapes) {
      passes.push_back(repeated(m, shape, kPrefillBytes));
    }
  }
  std::vector<Row> rows;
  for (Pass& pass : passes) {
    if (std::find(row_counts.begin(), row_counts.end(), pass.m) != row_counts.end()) {
      rows.push_back({std::move(pass), {}, {}, {}});
    }
  }
  return rows;
}

constexpr std::pair<std::string_view, WeightType> kTypes[] = {{"bfloat16", WeightType::kBfloat16},
                                                              {"bfloat8_b", WeightType::kBfloat8b},
                                                              {"bfloat4_b", WeightType::kBfloat4b}};

struct Group {
  std::string_view type;
  ttx::kernels::Isa isa;
  int threads;
  std::vector<Row> rows;
  std::vector<double> bandwidth;  ///< GB/s that the probe reads
  std::vector<double> peak;       ///< GFLOP/s
};

void measure_round(LinearWorkload& workload, Placement placement, Group& group) {
  for (Row& row : group.rows) {
    // The probes stand right beside what they judge.
    const double read =
        best_read_bandwidth(workload.weights(), static_cast<std::size_t>(row.pass.bytes()), placement);
    const double peak = arithmetic_peak(group.isa, placement);
    const double seconds = workload.run(ttx::kernels::table(group.isa), row.pass, placement);
    const double least = std::max(row.pass.bytes() / read, row.pass.flops() / peak) * 1e-9;
    row.bandwidth.push_back(row.pass.bytes() / seconds * 1e-9);
    row.arithmetic.push_back(row.pass.flops() / seconds * 1e-9);
    row.shares.push_back(least / seconds);
    group.bandwidth.push_back(read);
    group.peak.push_back(peak);
  }
}

void print_group(const Group& group) {
  fmt::print("\n{}, {} thread{}: reads {:.1f} GB/s, peak {:.0f} GFLOP/s ({})\n", group.type, group.threads,
             group.threads > 1 ? "s" : "", quartiles(group.bandwidth).median, quartiles(group.peak).median,
             arithmetic_name(group.isa));
  fmt::print("{:<26} {:>4} {:>8} {:>9}   {:>6} {:>6} {:>6}\n", "n x k", "m", "GB/s", "GFLOP/s", "low q.",
             "share", "high q.");
  for (const Row& row : group.rows) {
    const Quartiles share = quartiles(row.shares);
    fmt::print("{:<26} {:>4} {:>8.1f} {:>9.1f}   {:>6.3f} {:>6.3f} {:>6.3f}\n", row.pass.name, row.pass.m,
               quartiles(row.bandwidth).median, quartiles(row.arithmetic).median, share.low, share.median,
               share.high);
  }
}

/// The sets named, or every one that this processor has.
std::vector<ttx::kernels::Isa> chosen_sets(const std::vector<std::string>& names) {
  std::vector<ttx::kernels::Isa> sets;
  for (const ttx::kernels::Isa isa : ttx::kernels::kEveryIsa) {
    const bool named = std::find(names.begin(), names.end(), ttx::kernels::isa_name(isa)) != names.end();
    const bool all = names.size() == 1 && names[0] == "all";
    if (named && !ttx::kernels::isa_supported(isa)) {
      fmt::print(stderr, "[bench_linear] this processor does not have {}\n", ttx::kernels::isa_name(isa));
    } else if (named || (all && ttx::kernels::isa_supported(isa))) {
      sets.push_back(isa);
    }
  }
  return sets;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark that throws has failed, and terminate says why
int main(int argc, char** argv) {
  CLI::App app("Speed of linear beside the machine's own limits, at the shapes of Qwen3-0.6B");
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  bool no_pin = false;
  std::vector<std::int64_t> row_counts = {1, 2, 6, 12, 32, 128};
  std::vector<std::string> types = {"bfloat16", "bfloat8_b"};
  std::vector<std::string> names = {std::string(ttx::kernels::isa_name(ttx::kernels::active().isa))};
  app.add_option("--rounds", rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--m", row_counts, "Only these numbers of rows, such as 1,128")
      ->delimiter(',')
      ->check(CLI::IsMember({1, 2, 6, 12, 32, 128}));
  app.add_option("--isa", names, "Instruction sets of the kernels, or all (default: the best)")
      ->delimiter(',')
      ->check(CLI::IsMember({"generic", "avx2", "avx512", "avx512_bf16", "all"}));
  app.add_option("--type", types, "Types of the weights, such as bfloat16,bfloat8_b,bfloat4_b")
      ->delimiter(',')
      ->check(CLI::IsMember({"bfloat16", "bfloat8_b", "bfloat4_b"}));
  app.add_flag("--no-pin", no_pin, "Let threads move between cores");
  CLI11_PARSE(app, argc, argv);
  const std::vector<ttx::kernels::Isa> sets = chosen_sets(names);
  if (sets.empty()) {
    return 2;
  }

  const auto all_bytes = static_cast<std::int64_t>(qwen3_token(1).bytes());
  LinearWorkload workload(all_bytes);
  std::vector<Group> groups;
  for (const int count : threads) {
    for (const ttx::kernels::Isa isa : sets) {
      for (const auto& [name, type] : kTypes) {
        if (std::find(types.begin(), types.end(), name) != types.end()) {
          const auto bytes = static_cast<std::int64_t>(qwen3_token(1, type).bytes());
          groups.push_back({name, isa, count, rows_for(bytes, row_counts, type), {}, {}});
        }
      }
    }
  }
  std::vector<double> eigen;
  const WeightShape gate{3072, 1024, 1};
  for (int round = 0; round < rounds; ++round) {
    for (Group& group : groups) {
      measure_round(workload, {group.threads, !no_pin}, group);
    }
    if (has_avx512()) {
      eigen.push_back(gate.flops(kPrefillRows) / eigen_matmul_seconds(kPrefillRows, gate.n, gate.k) * 1e-9);
    }
  }
  fmt::print("{}\n{} rounds, {:.2f} GB of weights, threads {}\n", machine_line(), rounds,
             static_cast<double>(all_bytes) * 1e-9, no_pin ? "free" : "pinned");
  for (const Group& group : groups) {
    print_group(group);
  }
  if (!eigen.empty()) {
    fmt::print("\nFor comparison, Eigen in fp32, {} x {}, m {}, 1 thread: {:.1f} GFLOP/s\n", gate.n, gate.k,
               kPrefillRows, quartiles(eigen).median);
  }
  return 0;
}
