// SPDX-License-Identifier: Apache-2.0
#include "ccl/communicator.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "ccl/block_counts.hpp"
#include "ccl/mpi_check.hpp"
#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

constexpr std::int64_t kBroadcastPiece = std::int64_t{1} << 30;

/// A block of `unit` bytes as an MPI datatype, freed at the end of the call.
class BlockType {
 public:
  BlockType(const Communicator::Handle& h, int unit) {
    if (unit > 1) {
      TTX_MPI(h, unit, MPI_Type_contiguous(unit, MPI_BYTE, &type_));
      owned_ = true;
      TTX_MPI(h, unit, MPI_Type_commit(&type_));
    }
  }
  ~BlockType() {
    if (owned_) {
      MPI_Type_free(&type_);
    }
  }
  BlockType(const BlockType&) = delete;
  BlockType& operator=(const BlockType&) = delete;
  MPI_Datatype get() const { return type_; }

 private:
  MPI_Datatype type_ = MPI_BYTE;
  bool owned_ = false;
};

void check_lengths(const char* op, std::span<const std::int64_t> lengths, int ranks,
                   std::span<const std::byte> bytes) {
  TTX_CHECK(std::ssize(lengths) == ranks, op,
            "wrong number of lengths: got {}, expected one for each of {} ranks", lengths.size(), ranks);
  const std::int64_t sum = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  TTX_CHECK(sum == std::ssize(bytes), op, "buffer does not fit its pieces: got {} bytes, expected {}",
            bytes.size(), sum);
}

void check_own(const char* op, std::span<const std::byte> own, std::int64_t expected) {
  TTX_CHECK(std::ssize(own) == expected, op, "own piece has the wrong length: got {} bytes, expected {}",
            own.size(), expected);
}

void copy(std::span<const std::byte> from, std::span<std::byte> to) {
  if (!from.empty() && from.data() != to.data()) {
    std::memcpy(to.data(), from.data(), from.size());
  }
}

}  // namespace

Communicator::Communicator(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}

const Communicator::Handle& Communicator::handle() const {
  TTX_CHECK(handle_ != nullptr, "communicator",
            "used before it was made: got an empty communicator, expected an open one");
  return *handle_;
}

int Communicator::rank() const { return handle().rank; }

int Communicator::size() const { return handle().size; }

void Communicator::barrier() const {
  const Handle& h = handle();
  if (h.size > 1) {
    TTX_MPI(h, 0, MPI_Barrier(h.comm));
  }
}

void Communicator::broadcast(std::span<std::byte> bytes, int root) const {
  const Handle& h = handle();
  TTX_CHECK(root >= 0 && root < h.size, "broadcast", "no such root: got rank {}, expected 0 to {}", root,
            h.size - 1);
  if (h.size == 1) {
    return;
  }
  for (std::int64_t begin = 0; begin < std::ssize(bytes); begin += kBroadcastPiece) {
    const std::int64_t length = std::min(kBroadcastPiece, std::ssize(bytes) - begin);
    TTX_MPI(h, length,
            MPI_Bcast(bytes.data() + begin, narrow_count("broadcast", length), MPI_BYTE, root, h.comm));
  }
}

void Communicator::all_gather(std::span<const std::byte> in, std::span<std::byte> out) const {
  const Handle& h = handle();
  TTX_CHECK(in.size() * static_cast<std::size_t>(h.size) == out.size(), "all_gather",
            "output has the wrong length: got {} bytes, expected {} ranks of {}", out.size(), h.size,
            in.size());
  if (h.size == 1) {
    copy(in, out);
    return;
  }
  const std::array lengths = {std::ssize(in)};
  const BlockCounts counts = block_counts("all_gather", lengths);
  const BlockType block(h, counts.unit);
  const bool in_place = in.data() == out.data() + in.size() * static_cast<std::size_t>(h.rank);
  TTX_MPI(h, out.size(),
          MPI_Allgather(in_place ? MPI_IN_PLACE : in.data(), counts.counts[0], block.get(), out.data(),
                        counts.counts[0], block.get(), h.comm));
}

void Communicator::all_gather_v(std::span<const std::byte> in, std::span<std::byte> out,
                                std::span<const std::int64_t> lengths) const {
  const Handle& h = handle();
  check_lengths("all_gather", lengths, h.size, out);
  check_own("all_gather", in, lengths[static_cast<std::size_t>(h.rank)]);
  if (h.size == 1) {
    copy(in, out);
    return;
  }
  const BlockCounts counts = block_counts("all_gather", lengths);
  const BlockType block(h, counts.unit);
  const auto own = static_cast<std::size_t>(h.rank);
  const std::int64_t begin = std::int64_t{counts.displacements[own]} * counts.unit;
  const bool in_place = in.data() == out.data() + begin;
  TTX_MPI(h, out.size(),
          MPI_Allgatherv(in_place ? MPI_IN_PLACE : in.data(), counts.counts[own], block.get(), out.data(),
                         counts.counts.data(), counts.displacements.data(), block.get(), h.comm));
}

void Communicator::all_to_all_v(std::span<const std::byte> in, std::span<const std::int64_t> in_lengths,
                                std::span<std::byte> out, std::span<const std::int64_t> out_lengths) const {
  const Handle& h = handle();
  check_lengths("all_to_all", in_lengths, h.size, in);
  check_lengths("all_to_all", out_lengths, h.size, out);
  if (h.size == 1) {
    check_own("all_to_all", in, out_lengths[0]);
    copy(in, out);
    return;
  }
  // The two sides may count in different units: what has to match between ranks is the bytes.
  const BlockCounts sent = block_counts("all_to_all", in_lengths);
  const BlockCounts received = block_counts("all_to_all", out_lengths);
  const BlockType sent_block(h, sent.unit);
  const BlockType received_block(h, received.unit);
  TTX_MPI(
      h, in.size() + out.size(),
      MPI_Alltoallv(in.data(), sent.counts.data(), sent.displacements.data(), sent_block.get(), out.data(),
                    received.counts.data(), received.displacements.data(), received_block.get(), h.comm));
}

void Communicator::gather_v(std::span<const std::byte> in, std::span<std::byte> out,
                            std::span<const std::int64_t> lengths, int root) const {
  const Handle& h = handle();
  TTX_CHECK(root >= 0 && root < h.size, "gather", "no such root: got rank {}, expected 0 to {}", root,
            h.size - 1);
  TTX_CHECK(std::ssize(lengths) == h.size, "gather",
            "wrong number of lengths: got {}, expected one for each of {} ranks", lengths.size(), h.size);
  check_own("gather", in, lengths[static_cast<std::size_t>(h.rank)]);
  if (h.rank == root) {
    check_lengths("gather", lengths, h.size, out);
  }
  if (h.size == 1) {
    copy(in, out);
    return;
  }
  const BlockCounts counts = block_counts("gather", lengths);
  const BlockType block(h, counts.unit);
  TTX_MPI(h, in.size(),
          MPI_Gatherv(in.data(), counts.counts[static_cast<std::size_t>(h.rank)], block.get(), out.data(),
                      counts.counts.data(), counts.displacements.data(), block.get(), root, h.comm));
}

std::vector<std::string> Communicator::host_names() const {
  const Handle& h = handle();
  std::array<char, MPI_MAX_PROCESSOR_NAME> own{};
  int length = 0;
  TTX_MPI(h, 0, MPI_Get_processor_name(own.data(), &length));
  std::vector<std::array<char, MPI_MAX_PROCESSOR_NAME>> all(static_cast<std::size_t>(h.size));
  all_gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(all)));
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& name : all) {
    names.emplace_back(name.data(), strnlen(name.data(), name.size()));
  }
  return names;
}

Communicator Communicator::line() const {
  const Handle& h = handle();
  const int extent = h.size;
  const int periodic = 0;
  MPI_Comm line = MPI_COMM_NULL;
  TTX_MPI(h, 0, MPI_Cart_create(h.comm, 1, &extent, &periodic, 0, &line));
  return Communicator(std::make_shared<Handle>(line));
}

Communicator Communicator::line(std::span<const int> order) const {
  const Handle& h = handle();
  const auto place = std::ranges::find(order, h.rank);
  TTX_CHECK(std::ssize(order) == h.size && place != order.end(), "line",
            "order is not one of the ranks: got {} places without rank {}, expected each of {} ranks once",
            order.size(), h.rank, h.size);
  MPI_Comm ordered = MPI_COMM_NULL;
  TTX_MPI(h, 0, MPI_Comm_split(h.comm, 0, static_cast<int>(place - order.begin()), &ordered));
  return Communicator(std::make_shared<Handle>(ordered)).line();
}

}  // namespace ttx::ccl
