// SPDX-License-Identifier: Apache-2.0
// How near does linear come to what the machine allows: the memory bandwidth in decode, the bf16 peak in
// prefill?
#include <algorithm>
#include <cstdint>
#include <string>
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

std::vector<Row> rows_for(std::int64_t all_bytes) {
  const std::vector<WeightShape> shapes = {{3072, 1024, 1}, {1024, 2048, 8}, {1024, 3072, 8}};
  std::vector<Pass> passes = {qwen3_token(1)};
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
    rows.push_back({std::move(pass), {}, {}, {}});
  }
  return rows;
}

struct Group {
  int threads;
  std::vector<Row> rows;
  std::vector<double> bandwidth;  ///< GB/s that the probe reads
  std::vector<double> peak;       ///< GFLOP/s
};

void measure_round(LinearWorkload& workload, const ttx::kernels::Table& table, Placement placement,
                   Group& group) {
  for (Row& row : group.rows) {
    // The probes stand right beside what they judge.
    const double read =
        best_read_bandwidth(workload.weights(), static_cast<std::size_t>(row.pass.bytes()), placement);
    const double peak = bf16_peak(placement).value_or(float_peak(placement));
    const double seconds = workload.run(table, row.pass, placement);
    const double least = std::max(row.pass.bytes() / read, row.pass.flops() / peak) * 1e-9;
    row.bandwidth.push_back(row.pass.bytes() / seconds * 1e-9);
    row.arithmetic.push_back(row.pass.flops() / seconds * 1e-9);
    row.shares.push_back(least / seconds);
    group.bandwidth.push_back(read);
    group.peak.push_back(peak);
  }
}

void print_group(const Group& group) {
  fmt::print("\n{} thread{}: reads {:.1f} GB/s, peak {:.0f} GFLOP/s{}\n", group.threads,
             group.threads > 1 ? "s" : "", quartiles(group.bandwidth).median, quartiles(group.peak).median,
             has_avx512_bf16() ? " (vdpbf16ps)" : " (fp32 multiply-add)");
  fmt::print("{:<26} {:>4} {:>8} {:>9}   {:>6} {:>6} {:>6}\n", "n x k", "m", "GB/s", "GFLOP/s", "low q.",
             "share", "high q.");
  for (const Row& row : group.rows) {
    const Quartiles share = quartiles(row.shares);
    fmt::print("{:<26} {:>4} {:>8.1f} {:>9.1f}   {:>6.3f} {:>6.3f} {:>6.3f}\n", row.pass.name, row.pass.m,
               quartiles(row.bandwidth).median, quartiles(row.arithmetic).median, share.low, share.median,
               share.high);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Speed of linear beside the machine's own limits, at the shapes of Qwen3-0.6B");
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  bool no_pin = false;
  std::string isa = std::string(ttx::kernels::isa_name(ttx::kernels::active().isa));
  app.add_option("--rounds", rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--isa", isa, "Instruction set of the kernels")
      ->check(CLI::IsMember({"generic", "avx512_bf16"}));
  app.add_flag("--no-pin", no_pin, "Let threads move between cores");
  CLI11_PARSE(app, argc, argv);
  const ttx::kernels::Isa chosen = *ttx::kernels::isa_from_name(isa);
  if (!ttx::kernels::isa_supported(chosen)) {
    fmt::print(stderr, "[bench_linear] this processor cannot run --isa {}\n", isa);
    return 2;
  }

  const auto all_bytes = static_cast<std::int64_t>(qwen3_token(1).bytes());
  LinearWorkload workload(all_bytes);
  std::vector<Group> groups;
  for (const int count : threads) {
    groups.push_back({count, rows_for(all_bytes), {}, {}});
  }
  std::vector<double> eigen;
  const WeightShape gate{3072, 1024, 1};
  for (int round = 0; round < rounds; ++round) {
    for (Group& group : groups) {
      measure_round(workload, ttx::kernels::table(chosen), {group.threads, !no_pin}, group);
    }
    if (has_avx512()) {
      eigen.push_back(gate.flops(kPrefillRows) / eigen_matmul_seconds(kPrefillRows, gate.n, gate.k) * 1e-9);
    }
  }
  fmt::print("{}\nkernels {}, {} rounds, {:.2f} GB of weights, threads {}\n", machine_line(), isa, rounds,
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
