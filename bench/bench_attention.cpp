// SPDX-License-Identifier: Apache-2.0
// How near does attention come to what the machine allows: the memory bandwidth in decode over long caches,
// the peak in prefill?
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/machine.hpp"
#include "bench/model_shapes.hpp"
#include "bench/probe_memory.hpp"
#include "bench/probes.hpp"
#include "bench/statistics.hpp"
#include "runtime/clock.hpp"
#include "runtime/device.hpp"
#include "runtime/ops.hpp"

namespace {

using namespace ttx;         // NOLINT(google-build-using-namespace): a program
using namespace ttx::bench;  // NOLINT(google-build-using-namespace): a program

constexpr std::int64_t kCacheBytes = std::int64_t{384} << 20;  ///< of all layers: many times the last cache
constexpr std::int64_t kProbeBytes = std::int64_t{512} << 20;

struct Plan {
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  std::vector<std::int64_t> decode = {1024, 4096, 16384};
  std::vector<std::int64_t> prefill = {128, 512, 2048};
};

struct Row {
  std::string name;
  double bytes = 0;
  double flops = 0;
  std::vector<double> seconds, shares;
};

/// Values between -1 and 1 that differ.
Tensor rows_of(Device& device, const Shape& shape) {
  Tensor tensor = Tensor::rows(device, shape, DataType::BFLOAT16, Layout::TILE, ttx::Placement::replicated());
  std::uint64_t state = 0x9E3779B97F4A7C15U;
  for (bfloat16& value : tensor.mutable_bf16()) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    value = to_bfloat16(static_cast<float>(state % 2048) / 1024.0F - 1.0F);
  }
  return tensor;
}

/// Caches of several layers, filled up to `positions`.
struct Caches {
  std::vector<Tensor> keys, values;

  Caches(Device& device, const ModelShape& model, std::int64_t positions, std::int64_t layers) {
    const Shape shape{1, model.kv_heads, positions, model.head_dim};
    const Tensor rows = rows_of(device, shape);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      fill_cache(
          keys.emplace_back(Tensor::cache(device, shape, Format::kKeyCache, ttx::Placement::replicated())),
          rows, 0);
      fill_cache(values.emplace_back(
                     Tensor::cache(device, shape, Format::kValueCache, ttx::Placement::replicated())),
                 rows, 0);
    }
  }
};

/// A model's attention on one device; every row measured once a round, its probes right before it.
class Group {
 public:
  Group(const ModelShape& model, int threads, const Plan& plan)
      : model_(model), plan_(plan), device_(wormhole_profile(1), threads), threads_(threads) {}

  void measure(const MemoryBlock& memory) {
    std::size_t at = 0;
    for (const std::int64_t position : plan_.decode) {
      decode(row(at++, fmt::format("decode at {}", position)), position, memory);
    }
    for (const std::int64_t tokens : plan_.prefill) {
      prefill(row(at++, fmt::format("prefill {}", tokens)), tokens, memory);
    }
  }

  void print() const {
    fmt::print("\n{}, {} heads over {} of {}, {} thread{}: reads {:.1f} GB/s, peak {:.0f} GFLOP/s ({})\n",
               model_.name, model_.heads, model_.kv_heads, model_.head_dim, threads_, threads_ > 1 ? "s" : "",
               quartiles(read_).median, quartiles(peak_).median, arithmetic_name(kernels::active().isa));
    fmt::print("{:<18} {:>10} {:>8} {:>9}   {:>6} {:>6} {:>6}\n", "a layer", "us", "GB/s", "GFLOP/s",
               "low q.", "share", "high q.");
    for (const Row& row : rows_) {
      const double seconds = quartiles(row.seconds).median;
      const Quartiles share = quartiles(row.shares);
      fmt::print("{:<18} {:>10.1f} {:>8.1f} {:>9.1f}   {:>6.3f} {:>6.3f} {:>6.3f}\n", row.name, 1e6 * seconds,
                 row.bytes / seconds * 1e-9, row.flops / seconds * 1e-9, share.low, share.median, share.high);
    }
  }

 private:
  Row& row(std::size_t at, const std::string& name) {
    if (at == rows_.size()) {
      rows_.push_back({name, 0, 0, {}, {}});
    }
    return rows_[at];
  }

  transformer::AttentionOptions options() const {
    transformer::AttentionOptions options;
    if (model_.window > 0) {
      options.sliding_window_size = model_.window;
    }
    return options;
  }

  double keys_seen(std::int64_t first, std::int64_t rows) const {
    double keys = 0;
    for (std::int64_t position = first; position < first + rows; ++position) {
      keys += static_cast<double>(model_.window > 0 ? std::min(model_.window, position + 1) : position + 1);
    }
    return keys;
  }

  double operations(double keys) const {
    return 4.0 * static_cast<double>(model_.heads * model_.head_dim) * keys;
  }

  void probe(const MemoryBlock& memory) {
    const ttx::bench::Placement free{threads_, false};  // as the device's own
    read_.push_back(best_read_bandwidth(memory.data(), memory.size(), free));
    peak_.push_back(arithmetic_peak(kernels::active().isa, free));
  }

  void took(Row& row, double seconds) const {
    row.seconds.push_back(seconds);
    row.shares.push_back(std::max(row.bytes / read_.back(), row.flops / peak_.back()) * 1e-9 / seconds);
  }

  void decode(Row& row, std::int64_t position, const MemoryBlock& memory) {
    const std::int64_t keys = position + 1;
    const std::int64_t width = model_.kv_heads * model_.head_dim;
    row.bytes = keys_seen(position, 1) * static_cast<double>(width) * 4.0;  // keys and values
    row.flops = operations(keys_seen(position, 1));
    const auto layers = std::clamp<std::int64_t>(kCacheBytes / static_cast<std::int64_t>(row.bytes), 1, 256);
    Caches caches(device_, model_, keys, layers);
    const Tensor q = rows_of(device_, {1, 1, model_.heads, model_.head_dim});
    const std::int64_t positions[] = {position};
    probe(memory);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t layer = 0; layer < caches.keys.size(); ++layer) {
      transformer::scaled_dot_product_attention_decode(q, caches.keys[layer], caches.values[layer], positions,
                                                       options());
    }
    took(row, seconds_since(start) / static_cast<double>(layers));
  }

  void prefill(Row& row, std::int64_t tokens, const MemoryBlock& memory) {
    row.bytes = static_cast<double>(tokens * (model_.heads + model_.kv_heads) * model_.head_dim) * 4.0;
    row.flops = operations(keys_seen(0, tokens));
    const Tensor q = rows_of(device_, {1, model_.heads, tokens, model_.head_dim});
    const Tensor k = rows_of(device_, {1, model_.kv_heads, tokens, model_.head_dim});
    const Tensor v = rows_of(device_, {1, model_.kv_heads, tokens, model_.head_dim});
    transformer::scaled_dot_product_attention(q, k, v, options());  // its scratch is there now
    probe(memory);
    // Over some milliseconds.
    const int times = std::clamp(static_cast<int>(5e9 / row.flops), 1, 100);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
      transformer::scaled_dot_product_attention(q, k, v, options());
    }
    took(row, seconds_since(start) / times);
  }

  const ModelShape& model_;
  const Plan& plan_;
  Device device_;
  int threads_;
  std::vector<Row> rows_;
  std::vector<double> read_, peak_;
};

int measure(const Plan& plan, const std::vector<std::string>& models) {
  const MemoryBlock memory = cache_memory(static_cast<std::size_t>(kProbeBytes));
  std::vector<std::unique_ptr<Group>> groups;
  for (const std::string& model : models) {
    for (const int threads : plan.threads) {
      groups.push_back(std::make_unique<Group>(*find_model_shape(model), threads, plan));
    }
  }
  for (int round = 0; round < plan.rounds; ++round) {
    for (const std::unique_ptr<Group>& group : groups) {
      group->measure(memory);
    }
  }
  fmt::print("{}\n{} rounds; decode over caches of {} MB together\n", machine_line(), plan.rounds,
             kCacheBytes >> 20);
  for (const std::unique_ptr<Group>& group : groups) {
    group->print();
  }
  return 0;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark that cannot even say what failed may end
int main(int argc, char** argv) {
  CLI::App app("Speed of attention beside the machine's own limits, at the shapes of the models");
  Plan plan;
  std::vector<std::string> models = {"Qwen3-0.6B"};
  std::vector<std::string> known = model_names();
  known.emplace_back("all");
  app.add_option("--rounds", plan.rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", plan.threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--model", models, "Models whose shapes to measure, or all (default: Qwen3-0.6B)")
      ->delimiter(',')
      ->check(CLI::IsMember(known));
  app.add_option("--decode", plan.decode, "Positions of the decoded token, such as 1024,4096")
      ->delimiter(',')
      ->check(CLI::Range(0, 1 << 18));
  app.add_option("--prefill", plan.prefill, "Prompt lengths, such as 128,512")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 18));
  CLI11_PARSE(app, argc, argv);
  try {
    return measure(plan, models.front() == "all" ? model_names() : models);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_attention: error: {}\n", error.what());
    return 1;
  }
}
