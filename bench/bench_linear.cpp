// SPDX-License-Identifier: Apache-2.0
// How near does linear come to what the machine allows: the memory bandwidth in decode, the bf16 peak in
// prefill?
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/linear_workload.hpp"
#include "bench/machine.hpp"
#include "bench/model_shapes.hpp"
#include "bench/onednn_matmul.hpp"
#include "bench/statistics.hpp"

namespace {

using namespace ttx::bench;

constexpr std::int64_t kPrefillBytes = 96 << 20;
constexpr std::int64_t kDecodeBytes = 1200 << 20;  ///< many times the last cache

struct Row {
  Pass pass;
  std::vector<double> bandwidth;   ///< GB/s of weights
  std::vector<double> arithmetic;  ///< GFLOP/s
  std::vector<double> shares;      ///< of the time that the probes of the same round allow at least
  std::vector<double> beside;      ///< speed over oneDNN's, where that takes part
};

/// The different weights of a model.
std::vector<WeightShape> shapes_of(const ModelShape& model) {
  std::vector<WeightShape> shapes;
  std::vector<WeightShape> all = model.layer();
  all.push_back(model.lm_head());
  for (const WeightShape& shape : all) {
    if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) {
      shapes.push_back(shape);
    }
  }
  return shapes;
}

std::vector<Row> rows_for(const ModelShape& model, std::vector<std::int64_t> row_counts,
                          std::optional<WeightType> type) {
  std::vector<Pass> passes;
  const std::vector<WeightShape> shapes = shapes_of(model);
  for (const std::int64_t m : row_counts) {
    passes.push_back(m == 1 ? token_pass(model, m) : layer_pass(model, m, kPrefillBytes));
    for (const WeightShape& shape : shapes) {
      if (m == 1) {
        passes.push_back(repeated(m, shape, kDecodeBytes));
      } else if (m >= 32 && shape != model.lm_head()) {  // of a prompt the head sees one row
        passes.push_back(repeated(m, shape, kPrefillBytes));
      }
    }
  }
  std::vector<Row> rows;
  for (Pass& pass : passes) {
    rows.push_back({type ? of_type(std::move(pass), *type) : std::move(pass), {}, {}, {}, {}});
  }
  return rows;
}

/// "own" is what the model's bring-up keeps.
constexpr std::pair<std::string_view, std::optional<WeightType>> kTypes[] = {
    {"own", std::nullopt},
    {"bfloat16", WeightType::kBfloat16},
    {"bfloat8_b", WeightType::kBfloat8b},
    {"bfloat4_b", WeightType::kBfloat4b}};

struct Group {
  std::string_view model;
  std::string_view type;
  ttx::kernels::Isa isa;
  int threads;
  std::vector<Row> rows;
  std::vector<double> bandwidth;  ///< GB/s that the probe reads
  std::vector<double> peak;       ///< GFLOP/s
};

/// Seconds that oneDNN takes for such a pass: products of one bfloat16 weight.
std::optional<double> onednn_seconds(const Pass& pass, int threads) {
  const WeightShape& shape = pass.weights.front();
  const auto copies = static_cast<std::int64_t>(pass.weights.size());
  if (pass.m < 32 || shape.type != WeightType::kBfloat16 ||
      std::count(pass.weights.begin(), pass.weights.end(), shape) != copies) {
    return std::nullopt;
  }
  const auto seconds = onednn_matmul_seconds(pass.m, shape.n, shape.k, static_cast<int>(copies), threads);
  return seconds ? std::optional(*seconds * static_cast<double>(copies)) : std::nullopt;
}

void measure_round(LinearWorkload& workload, Placement placement, bool beside_onednn, Group& group) {
  for (Row& row : group.rows) {
    // The probes stand right beside what they judge.
    const double probed = std::min(row.pass.bytes(), static_cast<double>(workload.weight_bytes()));
    const double read = best_read_bandwidth(workload.weights(), static_cast<std::size_t>(probed), placement);
    const double peak = arithmetic_peak(group.isa, placement);
    const double seconds = workload.run(ttx::kernels::table(group.isa), row.pass, placement);
    const double least = std::max(row.pass.bytes() / read, row.pass.flops() / peak) * 1e-9;
    row.bandwidth.push_back(row.pass.bytes() / seconds * 1e-9);
    row.arithmetic.push_back(row.pass.flops() / seconds * 1e-9);
    row.shares.push_back(least / seconds);
    group.bandwidth.push_back(read);
    group.peak.push_back(peak);
    if (const auto other = beside_onednn ? onednn_seconds(row.pass, placement.threads) : std::nullopt) {
      row.beside.push_back(*other / seconds);
    }
  }
}

void print_group(const Group& group) {
  fmt::print("\n{}, {}, {} thread{}: reads {:.1f} GB/s, peak {:.0f} GFLOP/s ({})\n", group.model, group.type,
             group.threads, group.threads > 1 ? "s" : "", quartiles(group.bandwidth).median,
             quartiles(group.peak).median, arithmetic_name(group.isa));
  const bool beside =
      std::any_of(group.rows.begin(), group.rows.end(), [](const Row& row) { return !row.beside.empty(); });
  fmt::print("{:<26} {:>4} {:>8} {:>9}   {:>6} {:>6} {:>6}{}\n", "n x k", "m", "GB/s", "GFLOP/s", "low q.",
             "share", "high q.", beside ? "   / oneDNN" : "");
  for (const Row& row : group.rows) {
    const Quartiles share = quartiles(row.shares);
    fmt::print("{:<26} {:>4} {:>8.1f} {:>9.1f}   {:>6.3f} {:>6.3f} {:>6.3f}", row.pass.name, row.pass.m,
               quartiles(row.bandwidth).median, quartiles(row.arithmetic).median, share.low, share.median,
               share.high);
    fmt::print("{}\n", row.beside.empty() ? "" : fmt::format("   {:>8.3f}", quartiles(row.beside).median));
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

std::int64_t largest_weight(const std::vector<std::string>& models) {
  std::int64_t most = kDecodeBytes;
  for (const std::string& name : models) {
    for (WeightShape shape : shapes_of(*find_model_shape(name))) {
      shape.type = WeightType::kBfloat16;
      most = std::max(most, shape.bytes());
    }
  }
  return most;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark that throws has failed, and terminate says why
int main(int argc, char** argv) {
  CLI::App app("Speed of linear beside the machine's own limits, at the shapes of the models");
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  bool no_pin = false;
  std::vector<std::int64_t> row_counts = {1, 2, 6, 12, 32, 128};
  std::vector<std::string> types = {"bfloat16", "bfloat8_b"};
  std::vector<std::string> models = {"Qwen3-0.6B"};
  std::vector<std::string> names = {std::string(ttx::kernels::isa_name(ttx::kernels::active().isa))};
  std::vector<std::string> known = model_names();
  known.emplace_back("all");
  app.add_option("--rounds", rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--model", models, "Models whose shapes to measure, or all (default: Qwen3-0.6B)")
      ->delimiter(',')
      ->check(CLI::IsMember(known));
  app.add_option("--m", row_counts, "Only these numbers of rows, such as 1,128")
      ->delimiter(',')
      ->check(CLI::IsMember({1, 2, 6, 12, 32, 128, 512}));
  app.add_option("--isa", names, "Instruction sets of the kernels, or all (default: the best)")
      ->delimiter(',')
      ->check(CLI::IsMember({"generic", "avx2", "avx512", "avx512_bf16", "all"}));
  app.add_option("--type", types,
                 "Types of the weights, such as bfloat16,bfloat8_b,bfloat4_b; own: those of the bring-up")
      ->delimiter(',')
      ->check(CLI::IsMember({"own", "bfloat16", "bfloat8_b", "bfloat4_b"}));
  app.add_flag("--no-pin", no_pin, "Let threads move between cores");
  CLI11_PARSE(app, argc, argv);
  const std::vector<ttx::kernels::Isa> sets = chosen_sets(names);
  if (sets.empty()) {
    return 2;
  }
  if (std::find(models.begin(), models.end(), "all") != models.end()) {
    models = model_names();
  }

  LinearWorkload workload(largest_weight(models));
  std::vector<Group> groups;
  for (const std::string& model : models) {
    const ModelShape& shape = *find_model_shape(model);
    for (const int count : threads) {
      for (const ttx::kernels::Isa isa : sets) {
        for (const auto& [name, type] : kTypes) {
          if (std::find(types.begin(), types.end(), name) != types.end()) {
            groups.push_back({shape.name, name, isa, count, rows_for(shape, row_counts, type), {}, {}});
          }
        }
      }
    }
  }
  std::vector<double> eigen;
  const WeightShape gate{3072, 1024, 1};
  constexpr std::int64_t kEigenRows = 128;
  for (int round = 0; round < rounds; ++round) {
    for (Group& group : groups) {
      measure_round(workload, {group.threads, !no_pin}, group.isa == ttx::kernels::active().isa, group);
    }
    if (has_avx512()) {
      eigen.push_back(gate.flops(kEigenRows) / eigen_matmul_seconds(kEigenRows, gate.n, gate.k) * 1e-9);
    }
  }
  fmt::print("{}\n{} rounds, {:.2f} GB of weights, threads {}\n", machine_line(), rounds,
             static_cast<double>(workload.weight_bytes()) * 1e-9, no_pin ? "free" : "pinned");
  for (const Group& group : groups) {
    print_group(group);
  }
  if (!eigen.empty()) {
    fmt::print("\nFor comparison, Eigen in fp32, {} x {}, m {}, 1 thread: {:.1f} GFLOP/s\n", gate.n, gate.k,
               kEigenRows, quartiles(eigen).median);
  }
  return 0;
}
