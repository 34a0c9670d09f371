// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ccl/ccl.hpp"
#include "ccl/mesh_device.hpp"
#include "models/common/causal_lm.hpp"
#include "models/common/run_limits.hpp"
#include "models/common/weights.hpp"
#include "models/hf/checkpoint.hpp"

namespace ttx {

/// A model as one device of a mesh would hold it.
struct ModelPlan {
  std::vector<PlannedTensor> tensors;
  std::string heads;              ///< how the heads are dealt, in words
  std::int64_t cache_length = 0;  ///< rows of the KV caches
  std::string cache_note;         ///< why it is that long, where that needs a word
};

/// What a bring-up's module hands to the programs: the decisions of one system and how to build the model on
/// it. models/common/bring_up.hpp makes one.
struct ModelModule {
  MeshShape mesh_shape;
  CclOptions ccl;  ///< topology and number of links of its collectives
  /// Loads the model through `weights`, or rehearses that. Throws Error when the bring-up does not cover the
  /// config, the checkpoint has other tensors than it takes, or they do not fit on that many devices.
  std::function<std::shared_ptr<CausalLM>(const Weights& weights, const RunLimits& limits)> load;

  /// Builds the model on an open mesh; called on every device alike. Everything that can be refused is
  /// refused before the first byte of a weight is read. Weights that `packed` holds are taken from it, see
  /// models/common/packed_weights.hpp.
  std::shared_ptr<CausalLM> build_model(const hf::Checkpoint& hf_model, MeshDevice& device,
                                        const RunLimits& limits, const LoadObserver& observer,
                                        const std::shared_ptr<const PackedFile>& packed = nullptr) const;
  /// What one device of `plan` would hold, from the headers of the files alone. Throws what build_model
  /// throws.
  ModelPlan plan_model(const hf::Checkpoint& hf_model, const ShardPlan& plan, int device,
                       const RunLimits& limits) const;
};

/// A module in memory. What it built must be gone before it is.
class LoadedModule {
 public:
  /// `path` is a bring-up's source file, its folder, or the built module. From a source, the module is looked
  /// for at the same relative path (what follows `models/`) under each folder of TTX_MODULE_PATH, beside the
  /// program (../models), in the build folder of the source's project (build/models beside its models/), and
  /// in an install (../lib/ttx/models). Throws Error when there is none, when it is not one of ttx's, when it
  /// was built for another version, and when it is older than the source given; the message has the command
  /// that builds it.
  explicit LoadedModule(const std::filesystem::path& path);
  ~LoadedModule();
  LoadedModule(const LoadedModule&) = delete;
  LoadedModule& operator=(const LoadedModule&) = delete;

  const ModelModule& operator*() const { return *module_; }
  const ModelModule* operator->() const { return module_; }
  /// Of the file that was loaded.
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  void* handle_ = nullptr;
  const ModelModule* module_ = nullptr;
};

}  // namespace ttx

/// Once per <system>/functional/model.cpp: TTX_MODEL_MODULE(ttx::module_of<Model>(kBringUp)); ttx_add_model()
/// of CMake adds the list and hash of the sources.
#define TTX_MODEL_MODULE(...)                                                                    \
  extern "C" __attribute__((visibility("default"))) const ttx::ModelModule* ttx_model_module() { \
    static const ttx::ModelModule module = __VA_ARGS__;                                          \
    return &module;                                                                              \
  }
