// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ccl/communicator.hpp"
#include "ccl/scratch.hpp"
#include "ccl/transport.hpp"

namespace ttx::ccl {

/// MPI collectives on the line. A small sum is one all-gather and everyone adds; a large one is cut in
/// slices: device i gets slice i of everyone, adds and rounds it, and all collect the rounded slices.
class MpiTransport : public Transport {
 public:
  explicit MpiTransport(Communicator line);

  TransportKind kind() const override { return TransportKind::kMpi; }
  void all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) override;
  void reduce_scatter(std::span<const float> terms, const Cut& cut, std::span<bfloat16> piece,
                      ThreadPool& threads) override;
  void all_gather(std::span<const std::byte> piece, const Cut& cut, std::span<std::byte> whole) override;
  void broadcast(std::span<std::byte> bytes, int root) override;
  void gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
              const Receiver& receive) override;

  /// Bytes kept for what arrives; they only grow.
  std::size_t scratch_capacity() const { return scratch_.capacity(); }

 private:
  void gather_and_add(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads);
  void exchange_slices(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads);
  /// Adds `devices` runs of piece.size() terms that lie one after the other.
  void add_received(std::span<const float> received, std::span<bfloat16> piece, ThreadPool& threads) const;

  Communicator line_;
  Scratch scratch_;
};

}  // namespace ttx::ccl
