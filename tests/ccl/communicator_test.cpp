// SPDX-License-Identifier: Apache-2.0
#include "ccl/communicator.hpp"

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ccl/mpi_check.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

using test::world;

template <typename T>
std::span<std::byte> writable(std::vector<T>& values) {
  return std::as_writable_bytes(std::span(values));
}
template <typename T>
std::span<const std::byte> readable(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

/// Rank r contributes r + 1 values 100 r, 100 r + 1, ...; every third rank nothing.
std::vector<std::uint32_t> contribution(int rank) {
  std::vector<std::uint32_t> values(rank % 3 == 2 ? 0 : static_cast<std::size_t>(rank) + 1);
  std::iota(values.begin(), values.end(), static_cast<std::uint32_t>(100 * rank));
  return values;
}

struct AllContributions {
  std::vector<std::int64_t> lengths;
  std::vector<std::uint32_t> values;
};
AllContributions all_contributions() {
  AllContributions all;
  for (int rank = 0; rank < world().size(); ++rank) {
    const auto values = contribution(rank);
    all.lengths.push_back(std::ssize(readable(values)));
    all.values.insert(all.values.end(), values.begin(), values.end());
  }
  return all;
}

TEST(Communicator, CopiesShareAndMovesEmpty) {
  Communicator empty;
  EXPECT_FALSE(empty.valid());
  test::expect_error(ExitCode::kFailure, {"[communicator]", "empty"}, [&] { empty.rank(); });

  Communicator first = world().line();
  Communicator copy = first;
  EXPECT_EQ(&copy.handle(), &first.handle());
  Communicator moved = std::move(first);
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is the question
  copy = {};
  EXPECT_EQ(moved.size(), world().size());
  moved.barrier();
  empty = std::move(moved);
  EXPECT_EQ(empty.rank(), world().rank());
  empty.barrier();
}

TEST(Communicator, ManyLinesComeAndGo) {
  // Communicators that were never freed would use up the table of contexts.
  for (int i = 0; i < 100; ++i) {
    world().line().barrier();
  }
}

TEST(Communicator, LineIsOneDimensionalOpenAndInOrder) {
  const Communicator line = world().line();
  EXPECT_EQ(line.rank(), world().rank());
  int extent = 0;
  int periodic = -1;
  int place = -1;
  ASSERT_EQ(MPI_Cart_get(line.handle().comm, 1, &extent, &periodic, &place), MPI_SUCCESS);
  EXPECT_EQ(extent, world().size());
  EXPECT_EQ(periodic, 0);
  EXPECT_EQ(place, world().rank());
}

TEST(Communicator, LineInAnotherOrder) {
  std::vector<int> order(static_cast<std::size_t>(world().size()));
  std::iota(order.rbegin(), order.rend(), 0);
  const Communicator line = world().line(order);
  EXPECT_EQ(line.size(), world().size());
  EXPECT_EQ(line.rank(), world().size() - 1 - world().rank());
  const std::vector<int> strangers(order.size(), world().size());
  test::expect_error(ExitCode::kFailure, {"[line]", "each of"}, [&] { world().line(strangers); });
  world().barrier();
}

TEST(Communicator, KnowsTheHostOfEveryRank) {
  const std::vector<std::string> hosts = world().host_names();
  ASSERT_EQ(std::ssize(hosts), world().size());
  for (const std::string& host : hosts) {
    EXPECT_FALSE(host.empty());
    EXPECT_EQ(host, hosts.front());  // the tests run on one
  }
}

TEST(Communicator, BroadcastFromEveryRoot) {
  for (int root = 0; root < world().size(); ++root) {
    std::vector<std::uint32_t> values(1000, static_cast<std::uint32_t>(world().rank()));
    world().broadcast(writable(values), root);
    EXPECT_EQ(values, std::vector<std::uint32_t>(1000, static_cast<std::uint32_t>(root)));
  }
}

TEST(Communicator, AllGather) {
  const std::vector<std::int32_t> own(5, 7 * world().rank());
  std::vector<std::int32_t> all(5 * static_cast<std::size_t>(world().size()), -1);
  world().all_gather(readable(own), writable(all));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i], 7 * static_cast<int>(i / 5));
  }
}

TEST(Communicator, AllGatherOfUnevenPieces) {
  const AllContributions expected = all_contributions();
  std::vector<std::uint32_t> all(expected.values.size());
  world().all_gather_v(readable(contribution(world().rank())), writable(all), expected.lengths);
  EXPECT_EQ(all, expected.values);
}

TEST(Communicator, AllGatherInPlace) {
  const AllContributions expected = all_contributions();
  const auto rank = static_cast<std::size_t>(world().rank());
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    begin += expected.lengths[i];
  }
  const auto own = contribution(world().rank());
  std::vector<std::uint32_t> all(expected.values.size(), 0);
  std::copy(own.begin(), own.end(), all.begin() + begin / 4);
  world().all_gather_v(writable(all).subspan(static_cast<std::size_t>(begin), own.size() * 4), writable(all),
                       expected.lengths);
  EXPECT_EQ(all, expected.values);
}

TEST(Communicator, AllToAllOfUnevenPieces) {
  // Rank i sends to rank j: i + j values (0 between rank 0 and itself), each 1000 i + j.
  const int size = world().size();
  const int rank = world().rank();
  std::vector<std::int32_t> in;
  std::vector<std::int32_t> expected;
  std::vector<std::int64_t> lengths;
  for (int other = 0; other < size; ++other) {
    const auto count = static_cast<std::size_t>(rank + other);
    in.insert(in.end(), count, 1000 * rank + other);
    expected.insert(expected.end(), count, 1000 * other + rank);
    lengths.push_back(4 * (rank + other));
  }
  std::vector<std::int32_t> out(expected.size(), -1);
  world().all_to_all_v(readable(in), lengths, writable(out), lengths);
  EXPECT_EQ(out, expected);
}

TEST(Communicator, GatherOfUnevenPiecesToEveryRoot) {
  const AllContributions expected = all_contributions();
  for (int root = 0; root < world().size(); ++root) {
    std::vector<std::uint32_t> all(world().rank() == root ? expected.values.size() : 0);
    world().gather_v(readable(contribution(world().rank())), writable(all), expected.lengths, root);
    if (world().rank() == root) {
      EXPECT_EQ(all, expected.values);
    }
  }
}

TEST(Communicator, RefusesWhatDoesNotFitOnAllRanksAlike) {
  std::vector<std::byte> bytes(4);
  const auto span = std::span(bytes);
  const int size = world().size();
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "no such root", "got rank " + std::to_string(size)},
                     [&] { world().broadcast(span, size); });
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "wrong length"},
                     [&] { world().all_gather(span, span.first(3)); });
  const std::vector<std::int64_t> too_many(static_cast<std::size_t>(size) + 1, 4);
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "wrong number of lengths"},
                     [&] { world().all_gather_v(span, span, too_many); });
  const std::vector<std::int64_t> too_long(static_cast<std::size_t>(size), 8);
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "does not fit"},
                     [&] { world().all_gather_v(span, span, too_long); });
  test::expect_error(ExitCode::kFailure, {"[all_to_all]", "does not fit"},
                     [&] { world().all_to_all_v(span, too_long, span, too_long); });
  test::expect_error(ExitCode::kFailure, {"[gather]", "got rank -1"},
                     [&] { world().gather_v(span, span, too_long, -1); });
  test::expect_error(ExitCode::kFailure, {"[gather]", "own piece", "got 4 bytes, expected 8"},
                     [&] { world().gather_v(span, span, too_long, 0); });
  std::vector<std::byte> vector;
  test::expect_error(ExitCode::kFailure, {"[sleeping_broadcast]", "no such root"},
                     [&] { world().sleeping_broadcast(vector, -1); });
  world().barrier();
}

}  // namespace
}  // namespace ttx::ccl
