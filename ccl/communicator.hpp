// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ttx::ccl {

/// An owned MPI communicator with the errors-return handler; copies share it, the last one frees it. Every
/// call is checked: a failing MPI call throws Error with the call, MPI's text, rank, bytes. Byte counts are
/// 64-bit and are range-checked (and cut into pieces where the call allows it) before MPI sees them.
///
/// The calls below are the transport under the collectives on tensors (ccl.hpp). All members call in the same
/// order. Waits of the plain calls yield the core between polls; those named `sleeping_` sleep, for waits of
/// seconds.
class Communicator {
 public:
  Communicator() = default;

  bool valid() const { return handle_ != nullptr; }
  int rank() const;
  int size() const;

  void barrier() const;
  /// Every rank ends with root's bytes.
  void broadcast(std::span<std::byte> bytes, int root) const;
  /// `out` = the `in` of rank 0, 1, ..., all of the same length. `in` may be its own place in `out`;
  /// otherwise the two do not overlap.
  void all_gather(std::span<const std::byte> in, std::span<std::byte> out) const;
  /// As all_gather with a length in bytes per rank, in place too. Lengths of more than 2 GiB together must
  /// have a common power of two (block_counts.hpp).
  void all_gather_v(std::span<const std::byte> in, std::span<std::byte> out,
                    std::span<const std::int64_t> lengths) const;
  /// Piece j of this rank's `in` goes to rank j; `out` = the pieces sent here, in rank order.
  void all_to_all_v(std::span<const std::byte> in, std::span<const std::int64_t> in_lengths,
                    std::span<std::byte> out, std::span<const std::int64_t> out_lengths) const;
  /// On root `out` = the `in` of rank 0, 1, ...; elsewhere `out` is not touched.
  void gather_v(std::span<const std::byte> in, std::span<std::byte> out,
                std::span<const std::int64_t> lengths, int root) const;

  /// The largest value over all ranks; ranks sleep while they wait.
  std::int64_t sleeping_max(std::int64_t value) const;
  /// As broadcast; ranks sleep while they wait for root, not during the transfer itself. Root decides the
  /// length.
  void sleeping_broadcast(std::vector<std::byte>& bytes, int root) const;

  /// The name of every rank's host, in rank order.
  std::vector<std::string> host_names() const;

  /// A 1-D, non-periodic Cartesian communicator over the same ranks in the same order: the line.
  Communicator line() const;
  /// The same in another order: line index i is rank order[i]. `order` holds every rank once.
  Communicator line(std::span<const int> order) const;

  /// For files of ccl/ only: the MPI_Comm.
  struct Handle;
  const Handle& handle() const;
  explicit Communicator(std::shared_ptr<Handle> handle);

 private:
  std::shared_ptr<Handle> handle_;
};

}  // namespace ttx::ccl
