// SPDX-License-Identifier: Apache-2.0
// Thousands of collectives of random kinds and sizes, with random delays on every rank: the window gives the
// bits that MPI gives, and nobody overtakes anybody.
#include <chrono>
#include <cstring>
#include <sched.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ccl/transport.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"

namespace ttx::ccl {
namespace {

using test::world;

/// Random numbers of one step: the same on every rank, unless `rank` is mixed in.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(test::hash(seed)) {}
  std::size_t below(std::size_t limit) {
    return static_cast<std::size_t>((state_ = test::hash(state_)) % limit);
  }

 private:
  std::uint64_t state_;
};

/// Mostly small, now and then beyond a slot of the window.
std::size_t some_size(Dice& dice) {
  const std::size_t kind = dice.below(100);
  return 1 + (kind < 70 ? dice.below(3000) : kind < 97 ? dice.below(40000) : dice.below(200000));
}

void some_delay(std::uint64_t step) {
  Dice dice(step * 64 + static_cast<std::uint64_t>(world().rank()) + 1'000'000'000);
  const std::size_t kind = dice.below(1000);
  if (kind == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(6));  // long enough for the others to sleep
  } else if (kind < 30) {
    std::this_thread::sleep_for(std::chrono::microseconds(dice.below(200)));
  } else if (kind < 200) {
    sched_yield();
  }
}

/// Any bits, the same that both transports get; NaN and infinities too.
std::vector<float> some_terms(std::uint64_t step, std::size_t count) {
  std::vector<float> values(count);
  std::uint64_t state = test::hash(step * 64 + static_cast<std::uint64_t>(world().rank()));
  for (float& value : values) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto bits = static_cast<std::uint32_t>(state >> 32);
    // Exponents near each other, so that the order of additions matters; one in 256 is anything.
    const std::uint32_t near = (bits & 0x83FFFFFFU) | 0x3C000000U;
    const std::uint32_t chosen = (state & 0xFF) == 0 ? bits : near;
    std::memcpy(&value, &chosen, sizeof value);
  }
  return values;
}

std::vector<std::byte> some_bytes(std::uint64_t step, std::size_t count) {
  std::vector<std::byte> bytes(count);
  std::uint64_t state = test::hash(step * 64 + static_cast<std::uint64_t>(world().rank()) + 17);
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

/// What one rank ends with after the step's collective.
std::vector<std::byte> result_of(Transport& transport, std::uint64_t step, ThreadPool& threads) {
  Dice dice(step);
  const auto devices = static_cast<std::size_t>(world().size());
  const auto rank = static_cast<std::size_t>(world().rank());
  const std::size_t kind = dice.below(10);
  const int root = static_cast<int>(dice.below(devices));
  if (kind < 5) {
    const auto terms = some_terms(step, some_size(dice));
    std::vector<bfloat16> sum(terms.size());
    transport.all_reduce(terms, sum, threads);
    const auto bytes = std::as_bytes(std::span(sum));
    return {bytes.begin(), bytes.end()};
  }
  if (kind == 8) {
    const std::size_t count = some_size(dice);
    auto bytes = some_bytes(step, count);
    transport.broadcast(bytes, root);
    return bytes;
  }
  Cut cut;
  cut.outer = static_cast<std::int64_t>(1 + dice.below(5));
  const std::size_t longest = some_size(dice) / 2;
  for (std::size_t device = 0; device < devices; ++device) {
    cut.runs.push_back(dice.below(6) == 0 ? 0 : static_cast<std::int64_t>(1 + dice.below(1 + longest)));
  }
  cut.runs[0] += 1;
  const auto piece = static_cast<std::size_t>(cut.outer * cut.runs[rank]);
  const auto whole = static_cast<std::size_t>(cut.outer * cut.row());
  if (kind == 5) {
    std::vector<bfloat16> own(piece);
    transport.reduce_scatter(some_terms(step, whole), cut, own, threads);
    const auto bytes = std::as_bytes(std::span(own));
    return {bytes.begin(), bytes.end()};
  }
  if (kind == 9) {
    std::vector<std::int64_t> lengths;
    for (const std::int64_t run : cut.runs) {
      lengths.push_back(cut.outer * run);
    }
    std::vector<std::vector<std::byte>> parts(devices);
    transport.gather(some_bytes(step, piece), lengths, root,
                     [&](std::size_t device, std::int64_t begin, std::span<const std::byte> bytes) {
                       EXPECT_EQ(std::ssize(parts[device]), begin);
                       parts[device].insert(parts[device].end(), bytes.begin(), bytes.end());
                     });
    std::vector<std::byte> all;
    for (const auto& part : parts) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }
  std::vector<std::byte> all(whole);
  transport.all_gather(some_bytes(step, piece), cut, all);
  return all;
}

TEST(Stress, TheWindowGivesWhatMpiGives) {
  constexpr std::uint64_t kSteps = 3000;
  const Communicator line = world().line();
  const auto mpi = open_transport(TransportKind::kMpi, line);
  const auto shm = open_transport(TransportKind::kShm, line);
  ThreadPool threads(1);
  // MPI's results wait in groups, so that the window's collectives follow each other as in a step.
  constexpr std::uint64_t kGroup = 50;
  for (std::uint64_t first = 0; first < kSteps; first += kGroup) {
    std::vector<std::vector<std::byte>> expected;
    for (std::uint64_t step = first; step < first + kGroup; ++step) {
      expected.push_back(result_of(*mpi, step, threads));
    }
    for (std::uint64_t step = first; step < first + kGroup; ++step) {
      some_delay(step);
      EXPECT_EQ(result_of(*shm, step, threads), expected[step - first]) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace ttx::ccl
