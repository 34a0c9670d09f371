// SPDX-License-Identifier: Apache-2.0
#include "ccl/mpi_transport.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "ccl/limits.hpp"
#include "runtime/shape.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx::ccl {
namespace {

/// As long as what a device receives stays below this, everyone gets every term: one collective instead of
/// two. Above, everyone adds a slice. Measured on shared memory with 4 and 8 ranks on two cores: the two meet
/// at 32 KiB received.
constexpr std::int64_t kGatherBytes = 32 * 1024;
/// Elements of one exchange of slices: bounds the buffer and keeps it in cache.
constexpr std::int64_t kRound = 1 << 20;
/// Slices begin on a cache line of fp32.
constexpr std::int64_t kSliceUnit = 16;
/// Bytes that one device sends in one gather to the root: bounds the root's buffer.
constexpr std::int64_t kGatherRound = 4 << 20;

}  // namespace

MpiTransport::MpiTransport(Communicator line) : line_(std::move(line)) {}

void MpiTransport::all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) {
  if (line_.size() * std::ssize(std::as_bytes(terms)) <= kGatherBytes) {
    gather_and_add(terms, sum, threads);
    return;
  }
  for (std::size_t begin = 0; begin < terms.size(); begin += kRound) {
    const std::size_t size = std::min(terms.size() - begin, static_cast<std::size_t>(kRound));
    exchange_slices(terms.subspan(begin, size), sum.subspan(begin, size), threads);
  }
}

void MpiTransport::add_received(std::span<const float> received, std::span<bfloat16> piece,
                                ThreadPool& threads) const {
  std::array<const float*, kMaxDevices> terms{};
  const auto devices = static_cast<std::size_t>(line_.size());
  for (std::size_t device = 0; device < devices; ++device) {
    terms[device] = received.data() + device * piece.size();
  }
  tree_sum(std::span(terms).first(devices), piece, threads);
}

void MpiTransport::gather_and_add(std::span<const float> terms, std::span<bfloat16> sum,
                                  ThreadPool& threads) {
  const std::span<float> received = scratch_.take<float>(static_cast<std::size_t>(line_.size()) * sum.size());
  line_.all_gather(std::as_bytes(terms), std::as_writable_bytes(received));
  add_received(received, sum, threads);
}

void MpiTransport::exchange_slices(std::span<const float> terms, std::span<bfloat16> sum,
                                   ThreadPool& threads) {
  const int devices = line_.size();
  const auto used = static_cast<std::size_t>(devices);
  const std::int64_t units = round_up(std::ssize(terms), kSliceUnit) / kSliceUnit;
  const auto slice_begin = [&](int device) {
    return std::min(std::ssize(terms), device * units / devices * kSliceUnit);
  };
  const std::int64_t begin = slice_begin(line_.rank());
  const std::int64_t own = slice_begin(line_.rank() + 1) - begin;

  std::array<std::int64_t, kMaxDevices> sent{};
  std::array<std::int64_t, kMaxDevices> received_lengths{};
  std::array<std::int64_t, kMaxDevices> rounded{};
  for (int device = 0; device < devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const std::int64_t size = slice_begin(device + 1) - slice_begin(device);
    sent[d] = size * std::int64_t{sizeof(float)};
    received_lengths[d] = own * std::int64_t{sizeof(float)};
    rounded[d] = size * std::int64_t{sizeof(bfloat16)};
  }

  const auto own_size = static_cast<std::size_t>(own);
  const std::span<float> received = scratch_.take<float>(used * own_size);
  line_.all_to_all_v(std::as_bytes(terms), std::span(sent).first(used), std::as_writable_bytes(received),
                     std::span(received_lengths).first(used));
  const std::span<bfloat16> slice = sum.subspan(static_cast<std::size_t>(begin), own_size);
  add_received(received, slice, threads);
  line_.all_gather_v(std::as_bytes(slice), std::as_writable_bytes(sum), std::span(rounded).first(used));
}

void MpiTransport::reduce_scatter(std::span<const float> terms, const Cut& cut, std::span<bfloat16> piece,
                                  ThreadPool& threads) {
  std::vector<std::int64_t> sent;
  for (const std::int64_t run : cut.runs) {
    sent.push_back(cut.outer * run * std::int64_t{sizeof(float)});
  }
  const std::vector<std::int64_t> received_lengths(sent.size(),
                                                   std::ssize(piece) * std::int64_t{sizeof(float)});
  // One buffer: what arrives, then, unless rows are cut nowhere but at their ends, what is sent.
  const bool in_order = cut.outer == 1;
  const std::size_t arriving = sent.size() * piece.size();
  const std::span<float> buffer = scratch_.take<float>(arriving + (in_order ? 0 : terms.size()));
  std::span<const std::byte> sending = std::as_bytes(terms);
  if (!in_order) {
    const std::span<std::byte> pieces = std::as_writable_bytes(buffer.subspan(arriving));
    split_pieces(sending, cut.scaled(sizeof(float)), pieces);
    sending = pieces;
  }
  line_.all_to_all_v(sending, sent, std::as_writable_bytes(buffer.first(arriving)), received_lengths);
  add_received(buffer.first(arriving), piece, threads);
}

void MpiTransport::all_gather(std::span<const std::byte> piece, const Cut& cut, std::span<std::byte> whole) {
  const std::span<std::byte> pieces = cut.outer == 1 ? whole : scratch_.take<std::byte>(whole.size());
  if (std::ranges::count(cut.runs, cut.runs.front()) == std::ssize(cut.runs)) {
    line_.all_gather(piece, pieces);
  } else {
    std::vector<std::int64_t> lengths;
    for (const std::int64_t run : cut.runs) {
      lengths.push_back(cut.outer * run);
    }
    line_.all_gather_v(piece, pieces, lengths);
  }
  if (cut.outer != 1) {
    join_pieces(pieces, cut, whole);
  }
}

void MpiTransport::broadcast(std::span<std::byte> bytes, int root) { line_.broadcast(bytes, root); }

void MpiTransport::gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
                          const Receiver& receive) {
  const bool is_root = line_.rank() == root;
  const std::int64_t longest = *std::ranges::max_element(lengths);
  std::vector<std::int64_t> parts(lengths.size());
  for (std::int64_t begin = 0; begin < longest; begin += kGatherRound) {
    std::ranges::transform(lengths, parts.begin(), [&](std::int64_t length) {
      return std::clamp(length - begin, std::int64_t{0}, kGatherRound);
    });
    const auto own = static_cast<std::size_t>(parts[static_cast<std::size_t>(line_.rank())]);
    const std::span<const std::byte> sending =
        own == 0 ? std::span<const std::byte>() : bytes.subspan(static_cast<std::size_t>(begin), own);
    const std::int64_t all = is_root ? std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) : 0;
    const std::span<std::byte> received = scratch_.take<std::byte>(static_cast<std::size_t>(all));
    line_.gather_v(sending, received, parts, root);
    std::size_t offset = 0;
    for (std::size_t device = 0; is_root && device < parts.size(); ++device) {
      const auto length = static_cast<std::size_t>(parts[device]);
      if (length > 0) {
        receive(device, begin, received.subspan(offset, length));
      }
      offset += length;
    }
  }
}

}  // namespace ttx::ccl
