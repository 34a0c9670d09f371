// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ccl/communicator.hpp"
#include "ccl/mesh_device.hpp"
#include "launch/eval_options.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// What can be told before anything long begins. All throw Error.

/// --max_seq_len is at least 2048.
void check_length_floor(std::int64_t max_seq_len);

/// The job has a rank per device; the message holds the command that would fit (`arguments`: program first).
void check_ranks(const ccl::Communicator& world, MeshShape mesh, const std::vector<std::string>& arguments);

/// --json and --logits_out can be written. Leaves nothing behind.
void check_outputs(const EvalOptions& options);

/// Logs, on rank 0, a warning when a device of this kind would not hold what has been loaded.
void warn_when_too_large(const MeshDevice& mesh);

}  // namespace ttx::launch
