// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "ccl/communicator.hpp"
#include "ccl/pieces.hpp"
#include "ccl/transport_kind.hpp"
#include "runtime/bfloat16.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx::ccl {

/// How the collectives on tensors (ccl.hpp) move and add bytes between the devices of a line. All devices
/// call the same functions in the same order, from one thread, with lengths that fit each other. Every
/// transport gives the same bits: sums are the balanced tree over the line, whatever carries the terms.
class Transport {
 public:
  /// Is handed the bytes of `device`'s contribution from `begin` on; they are gone when it returns.
  using Receiver =
      std::function<void(std::size_t device, std::int64_t begin, std::span<const std::byte> bytes)>;

  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  virtual TransportKind kind() const = 0;

  /// sum = the terms of all devices in fp32, in the tree, rounded once. `sum` is as long as `terms`.
  virtual void all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) = 0;
  /// As all_reduce; this device gets its piece of the sum, cut in elements.
  virtual void reduce_scatter(std::span<const float> terms, const Cut& cut, std::span<bfloat16> piece,
                              ThreadPool& threads) = 0;
  /// `whole` = the pieces of all devices, each in its runs, cut in bytes. `piece` is this device's, dense.
  virtual void all_gather(std::span<const std::byte> piece, const Cut& cut, std::span<std::byte> whole) = 0;
  /// Every device ends with root's bytes.
  virtual void broadcast(std::span<std::byte> bytes, int root) = 0;
  /// Root is handed what all devices bring, device i lengths[i] bytes, in parts; parts of one device come in
  /// order.
  virtual void gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
                      const Receiver& receive) = 0;
};

/// Opens the transport on all ranks of the line. Throws Error(kMesh), on every rank alike, when kShm is asked
/// for and the line spans several hosts. When the host has no room for the window the job ends with kMesh and
/// one sentence.
std::unique_ptr<Transport> open_transport(TransportKind kind, const Communicator& line);

}  // namespace ttx::ccl
