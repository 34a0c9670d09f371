// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ccl/communicator.hpp"
#include "ccl/shared_memory.hpp"
#include "ccl/shared_window.hpp"
#include "ccl/transport.hpp"

namespace ttx::ccl {

/// Collectives through a window of shared memory, for ranks of one host. What is longer than a slot goes in
/// rounds, so that the window stays small. In a sum every rank writes its terms to its slot; a
/// small one is added by the last rank to come, a large one slice by slice by whoever is free: a rank that
/// has no core is not waited for twice.
class WindowTransport : public Transport {
 public:
  /// On all ranks of the line. Throws as SharedMemory does.
  explicit WindowTransport(const Communicator& line);

  TransportKind kind() const override { return TransportKind::kShm; }
  void all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) override;
  void reduce_scatter(std::span<const float> terms, const Cut& cut, std::span<bfloat16> piece,
                      ThreadPool& threads) override;
  void all_gather(std::span<const std::byte> piece, const Cut& cut, std::span<std::byte> whole) override;
  void broadcast(std::span<std::byte> bytes, int root) override;
  void gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
              const Receiver& receive) override;

 private:
  /// This rank's slot of the meeting begins with `bytes`.
  void write_slot(std::span<const std::byte> bytes);
  /// Adds values [begin, begin + out.size()) of all slots.
  void add_slots(std::int64_t begin, std::span<bfloat16> out, ThreadPool& threads) const;
  /// Goes through contributions of several lengths, in rounds: every rank that `sends` brings its part, then
  /// visit(device, begin, part) is called for the part of every device that `wanted` names.
  template <typename Wanted, typename Visit>
  void bring_all(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, bool sends,
                 Wanted wanted, Visit visit);

  Communicator line_;
  SharedMemory memory_;
  SharedWindow window_;
};

}  // namespace ttx::ccl
