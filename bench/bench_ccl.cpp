// SPDX-License-Identifier: Apache-2.0
//
// What does a collective cost between ranks of one host? As osu_allreduce and osu_allgather show it: latency
// per call, the average, least and largest over the ranks. MPI's own call stands beside ttx's two transports
// in the same rounds.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "bench/machine.hpp"
#include "bench/statistics.hpp"
#include "ccl/environment.hpp"
#include "ccl/mpi_check.hpp"
#include "ccl/transport.hpp"

namespace {

using namespace ttx;  // NOLINT(google-build-using-namespace): a program
using Clock = std::chrono::steady_clock;

struct Variant {
  const char* name;
  std::function<void()> call;
  std::vector<double> average, least, largest;  ///< over the ranks, microseconds, one value per round
};

struct Plan {
  int rounds = 9;
  double seconds = 0.03;  ///< of one variant in one round
  bool best = false;      ///< show the best round, not the median
};

double microseconds_per_call(const ccl::Communicator& line, const std::function<void()>& call, int calls) {
  line.barrier();
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) {
    call();
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / calls;
}

std::vector<double> of_all_ranks(const ccl::Communicator& line, double value) {
  std::vector<double> all(static_cast<std::size_t>(line.size()));
  line.all_gather(std::as_bytes(std::span(&value, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

/// The same on every rank.
int calls_for(const ccl::Communicator& line, const std::function<void()>& call, double seconds) {
  constexpr int kFirst = 10;
  const auto all = of_all_ranks(line, microseconds_per_call(line, call, kFirst));
  return std::clamp(static_cast<int>(seconds * 1e6 / *std::ranges::max_element(all)), 3, 20000);
}

void measure(const ccl::Communicator& line, const Plan& plan, std::vector<Variant>& variants) {
  std::vector<int> calls;
  for (const Variant& variant : variants) {
    calls.push_back(calls_for(line, variant.call, plan.seconds));
  }
  for (int round = 0; round < plan.rounds; ++round) {
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto all = of_all_ranks(line, microseconds_per_call(line, variants[v].call, calls[v]));
      double sum = 0;
      for (const double value : all) {
        sum += value;
      }
      variants[v].average.push_back(sum / static_cast<double>(all.size()));
      variants[v].least.push_back(*std::ranges::min_element(all));
      variants[v].largest.push_back(*std::ranges::max_element(all));
    }
  }
}

void print_head(const char* collective, const std::vector<const char*>& names) {
  fmt::print("\n{:<12}", collective);
  for (const char* name : names) {
    fmt::print(" | {:^26}", name);
  }
  fmt::print("\n{:<12}", "bytes");
  for (std::size_t i = 0; i < names.size(); ++i) {
    fmt::print(" | {:>8} {:>8} {:>8}", "avg us", "min us", "max us");
  }
  fmt::print("\n");
}

void print_row(std::int64_t bytes, const std::vector<Variant>& variants, bool best) {
  const auto shown = [&](const std::vector<double>& rounds) {
    return best ? *std::ranges::min_element(rounds) : bench::quartiles(rounds).median;
  };
  fmt::print("{:<12}", bytes);
  for (const Variant& variant : variants) {
    fmt::print(" | {:>8.2f} {:>8.2f} {:>8.2f}", shown(variant.average), shown(variant.least),
               shown(variant.largest));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

class Bench {
 public:
  explicit Bench(ccl::Communicator its_line) : line(std::move(its_line)) {}

  ccl::Communicator line;
  std::unique_ptr<ccl::Transport> mpi = ccl::open_transport(ccl::TransportKind::kMpi, line);
  std::unique_ptr<ccl::Transport> shm = ccl::open_transport(ccl::TransportKind::kShm, line);
  ThreadPool threads{1};

  std::vector<Variant> all_reduce(std::int64_t bytes) {
    const auto count = static_cast<std::size_t>(bytes) / sizeof(float);
    terms_.assign(count, 1.0F);
    raw_.resize(count);
    sum_.resize(count);
    const auto plain = [this] {
      const auto& h = line.handle();
      TTX_MPI(h, terms_.size() * sizeof(float),
              MPI_Allreduce(terms_.data(), raw_.data(), static_cast<int>(terms_.size()), MPI_FLOAT, MPI_SUM,
                            h.comm));
    };
    return {{"MPI_Allreduce", plain, {}, {}, {}},
            {"mpi", [this] { mpi->all_reduce(terms_, sum_, threads); }, {}, {}, {}},
            {"shm", [this] { shm->all_reduce(terms_, sum_, threads); }, {}, {}, {}}};
  }

  std::vector<Variant> all_gather(std::int64_t bytes) {
    piece_.assign(static_cast<std::size_t>(bytes), std::byte{1});
    whole_.resize(piece_.size() * static_cast<std::size_t>(line.size()));
    cut_ = {std::vector<std::int64_t>(static_cast<std::size_t>(line.size()), bytes), 1};
    const auto plain = [this] {
      const auto& h = line.handle();
      const auto length = static_cast<int>(piece_.size());
      TTX_MPI(h, whole_.size(),
              MPI_Allgather(piece_.data(), length, MPI_BYTE, whole_.data(), length, MPI_BYTE, h.comm));
    };
    return {{"MPI_Allgather", plain, {}, {}, {}},
            {"mpi", [this] { mpi->all_gather(piece_, cut_, whole_); }, {}, {}, {}},
            {"shm", [this] { shm->all_gather(piece_, cut_, whole_); }, {}, {}, {}}};
  }

  void table(const char* name, const Plan& plan, std::int64_t least, std::int64_t most,
             std::vector<Variant> (Bench::*variants_of)(std::int64_t)) {
    bool first = true;
    for (std::int64_t bytes = least; bytes <= most; bytes *= 2) {
      std::vector<Variant> variants = (this->*variants_of)(bytes);
      measure(line, plan, variants);
      if (line.rank() == 0 && first) {
        print_head(name, {variants[0].name, variants[1].name, variants[2].name});
      }
      if (line.rank() == 0) {
        print_row(bytes, variants, plan.best);
      }
      first = false;
    }
  }

 private:
  std::vector<float> terms_, raw_;
  std::vector<bfloat16> sum_;
  std::vector<std::byte> piece_, whole_;
  ccl::Cut cut_;
};

int compare(const ccl::Communicator& world, int argc, char** argv) {
  CLI::App app(
      "Latency of all_reduce (fp32 terms in, bfloat16 out; MPI_Allreduce adds and gives fp32) and all_gather "
      "(bytes per rank) on one host: MPI's own call, --ccl mpi, --ccl shm. Medians over interleaved rounds.");
  Plan plan;
  std::int64_t least = sizeof(float);
  std::int64_t most = 4 << 20;
  app.add_option("--rounds", plan.rounds, "Interleaved rounds")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", plan.seconds, "Length of one measurement")->check(CLI::Range(0.001, 10.0));
  app.add_option("--least", least, "Smallest size in bytes")->check(CLI::Range(4, 64 << 20));
  app.add_flag("--best", plan.best,
               "Show the best round instead of the median: for a machine with other work");
  app.add_option("--most", most, "Largest size in bytes")->check(CLI::Range(4, 64 << 20));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return world.rank() == 0 ? app.exit(error) : 2;
  }
  if (world.rank() == 0) {
    fmt::print("{}\n{} ranks, {} of {} rounds\n", bench::machine_line(), world.size(),
               plan.best ? "best" : "median", plan.rounds);
  }
  Bench bench(world.line());
  bench.table("all_reduce", plan, least, most, &Bench::all_reduce);
  bench.table("all_gather", plan, least, most / world.size(), &Bench::all_gather);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const ccl::Environment mpi(argc, argv);
    return compare(mpi.world(), argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_ccl: error: {}\n", error.what());
    return 1;
  }
}
