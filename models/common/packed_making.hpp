// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "models/common/weights.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/packed_folder.hpp"
#include "runtime/packed_index.hpp"
#include "runtime/packed_writer.hpp"

namespace ttx {

/// Of the text of an Error, without its "[packed] ".
std::string why_not_packed(const std::exception& error);

/// The ranks of a line that share this one's host, in order.
struct HostRanks {
  std::vector<int> ranks;
  int mine = 0;  ///< place among them
  bool leads() const { return mine == 0; }
  int leader() const { return ranks.front(); }
  int count() const { return static_cast<int>(ranks.size()); }
};

/// Collective.
HostRanks ranks_of_host(const ccl::Communicator& line);

/// A packed file that the ranks of a host write together, each an equal stretch of it.
class PackedMaking {
 public:
  PackedMaking(const ccl::Communicator& line, HostRanks host, PackedFolder folder, PackedIndex index);

  /// Makes the file of the index's entries from `tensors`, all but its header and name: those are for the
  /// leader's finish(). Collective over the line. Null where it cannot be written; one rank of the host has
  /// said why then. `packed` is told of checkpoint bytes that are packed.
  std::optional<PackedWriter> run(MeshDevice& mesh, const hf::Checkpoint& checkpoint,
                                  const std::vector<PlannedTensor>& tensors,
                                  const std::function<void(std::int64_t bytes)>& packed);

 private:
  std::filesystem::path target() const { return folder_.file_of(index_.key); }
  /// What fails is kept, and nothing is written any more.
  void attempt(const std::function<void()>& work);
  void pack(MeshDevice& mesh, const hf::Checkpoint& checkpoint, const std::vector<PlannedTensor>& tensors,
            const std::function<void(std::int64_t bytes)>& packed) const;
  /// The first rank of the host that failed says why.
  void speak(const std::vector<std::uint64_t>& done) const;

  const ccl::Communicator& line_;
  HostRanks host_;
  PackedFolder folder_;
  PackedIndex index_;
  std::optional<PackedWriter> writer_;
  std::string failure_;
};

}  // namespace ttx
