// SPDX-License-Identifier: Apache-2.0
// How fast do weights become panels at load, beside reading the checkpoint's bytes once?
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/machine.hpp"
#include "bench/probes.hpp"
#include "bench/statistics.hpp"
#include "bench/team.hpp"
#include "kernels/table.hpp"

namespace {

using namespace ttx;
using kernels::Bf16;
using kernels::BlockFloat;

constexpr std::int64_t kColumns = 3072;
constexpr std::int64_t kK = 1024;
constexpr std::int64_t kSourceBytes = kColumns * kK * 2;

enum class Kind { kBfloat16, kBfloat8b, kBfloat4b };
constexpr std::string_view kNames[] = {"bfloat16", "bfloat8_b", "bfloat4_b"};

/// Bytes of a panel.
std::int64_t panel_bytes(Kind kind) {
  return kind == Kind::kBfloat16 ? kernels::panel_elements(kK) * 2
                                 : kernels::block_float_panel_bytes(
                                       kK, kind == Kind::kBfloat8b ? BlockFloat::k8 : BlockFloat::k4);
}

/// Normal weights would do no other work: the packer has no branches on values.
void fill(std::vector<Bf16>& values) {
  std::uint64_t state = 0x9E3779B97F4A7C15U;
  for (Bf16& value : values) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    value.bits = static_cast<std::uint16_t>((state & 0x83FFU) | 0x3C00U);
  }
}

/// Seconds to pack all matrices of `source`; threads share the panels of each.
double pack(const kernels::Table& table, Kind kind, const std::vector<Bf16>& source, std::uint8_t* packed,
            bench::Placement placement) {
  const std::int64_t panels = std::ssize(source) / kK / kernels::kPanelColumns;
  return bench::run_team(placement.threads, placement.pin, [&](int thread) {
    for (std::int64_t panel = panels * thread / placement.threads;
         panel < panels * (thread + 1) / placement.threads; ++panel) {
      const Bf16* const from = source.data() + panel * kernels::kPanelColumns * kK;
      std::uint8_t* const to = packed + panel * panel_bytes(kind);
      if (kind == Kind::kBfloat16) {
        table.pack_panel({from, kK, kernels::kPanelColumns, kK, reinterpret_cast<Bf16*>(to)});
      } else {
        const BlockFloat format = kind == Kind::kBfloat8b ? BlockFloat::k8 : BlockFloat::k4;
        table.pack_block_float({from, kK, kernels::kPanelColumns, kK, format, to});
      }
    }
  });
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark that throws has failed, and terminate says why
int main(int argc, char** argv) {
  CLI::App app("Speed of packing weights into panels beside reading them, 3072 x 1024 each");
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  std::int64_t matrices = 64;
  app.add_option("--rounds", rounds, "Interleaved rounds; the table shows medians over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--matrices", matrices, "How many, 6 MB each")->check(CLI::Range(1, 10000));
  CLI11_PARSE(app, argc, argv);

  const kernels::Table& table = kernels::active();
  std::vector<Bf16> source(static_cast<std::size_t>(matrices * kColumns * kK));
  fill(source);
  // Touched before.
  std::vector<std::uint8_t> memory(static_cast<std::size_t>(matrices * kSourceBytes + 64), 1);
  // A tensor's memory begins with a cache line.
  std::uint8_t* const packed =
      memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  fmt::print("{}\n{} rounds, {:.2f} GB of bfloat16, kernels {}\n", bench::machine_line(), rounds,
             static_cast<double>(matrices * kSourceBytes) * 1e-9, kernels::isa_name(table.isa));
  fmt::print("{:<12} {:>7} {:>18} {:>12}\n", "to", "threads", "GB/s of bfloat16", "reads GB/s");
  for (const int count : threads) {
    std::vector<double> speed[std::size(kNames)];
    std::vector<double> reads;
    for (int round = 0; round < rounds; ++round) {
      for (const Kind kind : {Kind::kBfloat16, Kind::kBfloat8b, Kind::kBfloat4b}) {
        const bench::Placement placement{count, true};
        const auto bytes = static_cast<std::size_t>(matrices * kSourceBytes);
        reads.push_back(bench::best_read_bandwidth(source.data(), bytes, placement));
        const double seconds = pack(table, kind, source, packed, placement);
        speed[static_cast<std::size_t>(kind)].push_back(static_cast<double>(bytes) / seconds * 1e-9);
      }
    }
    for (std::size_t kind = 0; kind < std::size(kNames); ++kind) {
      fmt::print("{:<12} {:>7} {:>18.1f} {:>12.1f}\n", kNames[kind], count,
                 bench::quartiles(speed[kind]).median, bench::quartiles(reads).median);
    }
  }
  return 0;
}
