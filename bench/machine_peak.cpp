// SPDX-License-Identifier: Apache-2.0
// What this machine can do at best: the ceilings that every other figure is a share of.
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/machine.hpp"
#include "bench/probe_memory.hpp"
#include "bench/probes.hpp"
#include "bench/statistics.hpp"

namespace {

using namespace ttx::bench;

struct Row {
  std::string name;
  std::string unit;
  std::function<double()> measure;
  std::vector<double> values;
};

std::vector<Row> rows_for(Placement placement, const ttx::MemoryBlock& memory) {
  std::vector<Row> rows;
  for (const int streams : {1, 4}) {
    rows.push_back({fmt::format("read, {} stream{}, {} thread{}", streams, streams > 1 ? "s" : "",
                                placement.threads, placement.threads > 1 ? "s" : ""),
                    "GB/s",
                    [=, &memory] { return read_bandwidth(memory.data(), memory.size(), streams, placement); },
                    {}});
  }
  const std::string suffix =
      fmt::format(", {} thread{}", placement.threads, placement.threads > 1 ? "s" : "");
  for (const ttx::kernels::Isa isa : ttx::kernels::kEveryIsa) {
    if (ttx::kernels::isa_supported(isa)) {
      rows.push_back(
          {arithmetic_name(isa) + suffix, "GFLOP/s", [=] { return arithmetic_peak(isa, placement); }, {}});
    }
  }
  return rows;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark that throws has failed, and terminate says why
int main(int argc, char** argv) {
  CLI::App app("Read bandwidth and arithmetic peak of this machine");
  int rounds = 9;
  std::vector<int> threads = {1, 2};
  std::size_t megabytes = 1024;
  bool no_pin = false;
  app.add_option("--rounds", rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "Thread counts to measure, such as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--megabytes", megabytes, "Memory to read; many times the last cache")
      ->check(CLI::Range(1, 1 << 20));
  app.add_flag("--no-pin", no_pin, "Let threads move between cores");
  CLI11_PARSE(app, argc, argv);

  const ttx::MemoryBlock memory = weight_memory(megabytes << 20U);
  std::vector<Row> rows;
  for (const int count : threads) {
    for (Row& row : rows_for({count, !no_pin}, memory)) {
      rows.push_back(std::move(row));
    }
  }
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      row.values.push_back(row.measure());
    }
  }
  fmt::print("{}\n{} rounds, {} MB read\n\n{:<40} {:>9} {:>9} {:>9}\n", machine_line(), rounds, megabytes,
             "probe", "lower q.", "median", "upper q.");
  for (const Row& row : rows) {
    const Quartiles q = quartiles(row.values);
    fmt::print("{:<40} {:>9.1f} {:>9.1f} {:>9.1f} {}\n", row.name, q.low, q.median, q.high, row.unit);
  }
  return 0;
}
