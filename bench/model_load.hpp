// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bench/bench_options.hpp"
#include "bench/model_report.hpp"
#include "ccl/mesh_device.hpp"
#include "models/common/model_module.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/packed_file.hpp"

namespace ttx::bench {

/// A model on a mesh, with the checkpoint that it was built from and may still read.
struct ModelOnMesh {
  std::optional<hf::Checkpoint> checkpoint;
  std::shared_ptr<const PackedFile> packed;
  std::shared_ptr<CausalLM> model;
};

/// Loads the model once, as its files are found (which makes the file of packed weights where one is kept and
/// there is none); then for every round with its files out of memory and again with them in the page cache.
/// The last stays in `loaded`. Collective.
LoadTimes load_rounds(const LoadedModule& module, const BenchOptions& options, MeshDevice& mesh,
                      ModelOnMesh& loaded);

}  // namespace ttx::bench
