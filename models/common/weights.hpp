// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "models/common/rope.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/head_plan.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// Told on the way through a load: a stage ("Loading embeddings...") or a tensor that is now on the device.
struct LoadObserver {
  std::function<void(std::string_view stage)> stage;
  std::function<void(std::int64_t checkpoint_bytes)> loaded;
};

/// A matrix [out, in] of the checkpoint, or `rows` of one that holds several (a fused qkv_proj).
struct Matrix {
  std::string name;
  std::int64_t out = 0;
  std::int64_t in = 0;
  std::optional<Range> rows = std::nullopt;
};

/// cos and sin of a rotary embedding on the device, each [1, 1, rows, width].
struct RotaryTables {
  Tensor cos, sin;
};

/// What a device holds for a model, as a load would put it there.
struct PlannedTensor {
  std::string name;
  Shape shape;  ///< on the device
  DataType dtype;
  Placement placement;
  MemoryUse use;
  std::int64_t bytes = 0;  ///< of the device's DRAM
  HostTensor source = {};  ///< the whole of it in the checkpoint, as it is turned; empty when it has none
};

/// The one checked door through which weights come from a checkpoint onto the devices. Each line of a model's
/// load names a tensor, the shape it must have in the file, and how it lies on the mesh. Source pages are
/// given back once packed. Throws Error(kCheckpoint) that names the tensor when it is missing or has another
/// shape, Error(kMesh) when it cannot be cut.
///
/// A load can also be rehearsed: names, shapes and cuts are checked against the files' headers, what would be
/// held is written down, and the tensors that come back are empty.
class Weights {
 public:
  /// Loads onto the mesh. Matrices of block floats are taken from `packed` where it has them.
  Weights(const hf::Checkpoint& checkpoint, MeshDevice& mesh, LoadObserver observer,
          std::shared_ptr<const PackedFile> packed = nullptr);
  /// Rehearses what `device` of a line would load. `planned` outlives the rehearsal.
  Weights(const hf::Checkpoint& checkpoint, const ShardPlan& plan, int device,
          std::vector<PlannedTensor>& planned);

  const hf::Config& config() const { return checkpoint_.config(); }
  const ShardPlan& plan() const { return plan_; }
  /// Null in a rehearsal.
  MeshDevice* mesh() const { return mesh_; }
  std::string embedding_name() const { return checkpoint_.embedding_name(); }
  std::string output_embedding_name() const { return checkpoint_.output_embedding_name(); }

  /// A linear cut by output columns: [1, 1, in, out/tp].
  Tensor column_parallel(const Matrix& matrix, DataType dtype = DataType::BFLOAT16) const;
  /// A linear cut by input rows: [1, 1, in/tp, out]. linear() of it is a Partial that all_reduce sums.
  Tensor row_parallel(const Matrix& matrix, DataType dtype = DataType::BFLOAT16) const;
  /// A projection to query heads, or to key or value heads, of out / heads columns each: [1, 1, in, Nq*D/tp],
  /// [1, 1, in, Nkv*D/tp].
  Tensor query_heads(const Matrix& matrix, const HeadPlan& heads, DataType dtype = DataType::BFLOAT16) const;
  /// Each KV head of the checkpoint stands for `repeats` of the plan's.
  Tensor kv_heads(const Matrix& matrix, const HeadPlan& heads, std::int64_t repeats = 1,
                  DataType dtype = DataType::BFLOAT16) const;
  /// Their biases [out]: [1, 1, 1, Nq*D/tp], [1, 1, 1, Nkv*D/tp].
  Tensor query_bias(const std::string& name, std::int64_t out, const HeadPlan& heads) const;
  Tensor kv_bias(const std::string& name, std::int64_t out, const HeadPlan& heads,
                 std::int64_t repeats = 1) const;
  /// The projection from query heads [out, Nq*D]: [1, 1, Nq*D/tp, out], a Partial like row_parallel.
  Tensor output_heads(const Matrix& matrix, const HeadPlan& heads, DataType dtype = DataType::BFLOAT16) const;
  /// A norm weight [size] on every device, `offset` added to it in fp32: [1, 1, 1, size].
  Tensor replicated(const std::string& name, std::int64_t size, float offset = 0.0F) const;
  /// An embedding table [V, H] on every device, used where the file maps it, one copy per host. Its values
  /// are multiplied by `scale` and rounded to BFLOAT16, then to `dtype`.
  Tensor embedding(const std::string& name, std::int64_t rows, std::int64_t width,
                   DataType dtype = DataType::BFLOAT16, float scale = 1.0F) const;
  /// Rotary tables [1, 1, rows, width] on every device.
  RotaryTables rotary(const RopeTables& tables) const;
  /// A KV cache [users, heads, length, D] by heads.
  Tensor cache(const std::string& name, const Shape& local, Format format) const;

  void stage(std::string_view text) const;
  /// Throws Error(kCheckpoint) when the checkpoint has tensors that nothing asked for.
  void check_all_used() const { checkpoint_.check_all_used(); }

 private:
  HostTensor source(const Matrix& matrix) const;
  /// Throws Error(kMesh), on every device alike, when a device would begin inside a group of block floats.
  void check_groups(const std::string& name, std::int64_t columns, DataType dtype) const;
  /// A matrix or bias cut by heads on `dim` of the checkpoint's tensor: the heads `held` of `head_dim` places
  /// each, `repeats` of them for every one of the checkpoint, then zeros up to `count` heads.
  Tensor by_heads(const HostTensor& source, int dim, Range held, std::int64_t count, std::int64_t head_dim,
                  Upload how, std::int64_t repeats = 1) const;
  /// `host` is `source`, or what was made of it.
  Tensor place(const HostTensor& source, const HostTensor& host, const Upload& how) const;
  Tensor planned(const HostTensor& host, const Upload& how) const;

  const hf::Checkpoint& checkpoint_;
  MeshDevice* mesh_ = nullptr;
  ShardPlan plan_;
  int device_ = 0;
  LoadObserver observer_;
  std::shared_ptr<const PackedFile> packed_;
  std::vector<PlannedTensor>* planned_ = nullptr;
};

}  // namespace ttx
