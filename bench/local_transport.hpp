// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "ccl/transport.hpp"

namespace ttx::bench {

/// Stands in front of a mesh's transport and can replace its collectives by local copies, so that a step does
/// all that it does otherwise, on as much data, but for what collectives cost. With local copies every device
/// takes its own terms for the sum, its own piece for everyone's, and what an all_gather brought in the step
/// that was learnt from (sizes that devices tell each other) for what this one brings; it waits for no one,
/// and its results mean nothing.
class LocalTransport : public ccl::Transport {
 public:
  enum class Mode {
    kReal,   ///< passes everything on
    kLearn,  ///< likewise, and keeps what all_gathers bring until the mode changes: one step
    kLocal,  ///< local copies, for any number of steps like the one learnt from
  };

  /// Puts one in front of the transport of a mesh, on all devices alike, and gives it: the mesh owns it.
  static LocalTransport& install(MeshDevice& mesh);

  void set(Mode mode);

  ccl::TransportKind kind() const override { return real_->kind(); }
  void all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) override;
  void reduce_scatter(std::span<const float> terms, const ccl::Cut& cut, std::span<bfloat16> piece,
                      ThreadPool& threads) override;
  /// Throws Error when local copies are wanted of another all_gather than was learnt.
  void all_gather(std::span<const std::byte> piece, const ccl::Cut& cut, std::span<std::byte> whole) override;
  void broadcast(std::span<std::byte> bytes, int root) override;
  void gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
              const Receiver& receive) override;

 private:
  explicit LocalTransport(int device) : device_(device) {}

  int device_;
  std::unique_ptr<ccl::Transport> real_;
  Mode mode_ = Mode::kReal;
  std::vector<std::vector<std::byte>> gathered_;  ///< by the step learnt from, in order
  std::size_t next_ = 0;
};

}  // namespace ttx::bench
