// SPDX-License-Identifier: Apache-2.0
#include "models/common/weights.hpp"

#include <utility>

#include "runtime/block_float.hpp"
#include "runtime/error.hpp"
#include "runtime/gathered_heads.hpp"

namespace ttx {

namespace {

constexpr int kRows = 2;     // K of a [1, 1, K, N] linear weight
constexpr int kColumns = 3;  // N

Upload column_upload(std::int64_t in, DataType dtype) {
  Upload how;
  how.placement = Placement::sharded(kColumns);
  how.sum_blocks.end[0] = in;
  how.dtype = dtype;
  return how;
}

Upload replicated_upload(DataType dtype, Layout layout) {
  Upload how;
  how.dtype = dtype;
  how.layout = layout;
  return how;
}

/// [1, 1, in, out] of a matrix [out, in] of the checkpoint, leading ones otherwise.
Shape on_device(const HostTensor& host) {
  const Shape& shape = host.shape();
  Shape result{1, 1, 1, shape[-1]};
  return shape.rank() == 1 ? result : result.with(kRows, shape[-2]);
}

}  // namespace

Weights::Weights(const hf::Checkpoint& checkpoint, MeshDevice& mesh, LoadObserver observer,
                 std::shared_ptr<const PackedFile> packed)
    : checkpoint_(checkpoint),
      mesh_(&mesh),
      plan_(mesh.plan()),
      device_(mesh.line_index()),
      observer_(std::move(observer)),
      packed_(std::move(packed)) {}

Weights::Weights(const hf::Checkpoint& checkpoint, const ShardPlan& plan, int device,
                 std::vector<PlannedTensor>& planned)
    : checkpoint_(checkpoint), plan_(plan), device_(device), planned_(&planned) {}

Tensor Weights::column_parallel(const Matrix& matrix, DataType dtype) const {
  const HostTensor host = source(matrix);
  Upload how = column_upload(matrix.in, dtype);
  how.piece = plan_.piece(host.shape()[0], device_, "columns of '" + matrix.name + "'");
  check_groups(matrix.name, host.shape()[0], dtype);
  return place(host, host.transposed(), how);
}

Tensor Weights::row_parallel(const Matrix& matrix, DataType dtype) const {
  const HostTensor host = source(matrix);
  const std::string what = "rows of '" + matrix.name + "'";
  Upload how;
  how.placement = Placement::sharded(kRows);
  how.piece = plan_.piece(matrix.in, device_, what);
  how.sum_blocks = plan_.sum_blocks(matrix.in, device_, what);
  how.dtype = dtype;
  return place(host, host.transposed(), how);
}

Tensor Weights::query_heads(const Matrix& matrix, const HeadPlan& heads, DataType dtype) const {
  const HostTensor host = source(matrix);
  return by_heads(host, 0, heads.query_heads(device_), heads.heads_per_device(),
                  host.shape()[0] / heads.num_heads(), column_upload(matrix.in, dtype));
}

Tensor Weights::kv_heads(const Matrix& matrix, const HeadPlan& heads, std::int64_t repeats,
                         DataType dtype) const {
  const HostTensor host = source(matrix);
  return by_heads(host, 0, heads.kv_heads(device_), heads.kv_heads_per_device(),
                  host.shape()[0] * repeats / heads.num_kv_heads(), column_upload(matrix.in, dtype), repeats);
}

Tensor Weights::query_bias(const std::string& name, std::int64_t out, const HeadPlan& heads) const {
  return by_heads(checkpoint_.tensor(name, {out}), 0, heads.query_heads(device_), heads.heads_per_device(),
                  out / heads.num_heads(), column_upload(1, DataType::BFLOAT16));
}

Tensor Weights::kv_bias(const std::string& name, std::int64_t out, const HeadPlan& heads,
                        std::int64_t repeats) const {
  return by_heads(checkpoint_.tensor(name, {out}), 0, heads.kv_heads(device_), heads.kv_heads_per_device(),
                  out * repeats / heads.num_kv_heads(), column_upload(1, DataType::BFLOAT16), repeats);
}

Tensor Weights::output_heads(const Matrix& matrix, const HeadPlan& heads, DataType dtype) const {
  const std::int64_t head_dim = matrix.in / heads.num_heads();
  Upload how;
  how.placement = Placement::sharded(kRows);
  how.sum_blocks = heads.sum_blocks(head_dim);
  how.dtype = dtype;
  return by_heads(source(matrix), 1, heads.query_heads(device_), heads.heads_per_device(), head_dim, how);
}

Tensor Weights::replicated(const std::string& name, std::int64_t size, float offset) const {
  const HostTensor host = checkpoint_.tensor(name, {size});
  const Upload how = replicated_upload(DataType::BFLOAT16, Layout::TILE);
  if (offset == 0.0F || planned_ != nullptr) {
    return place(host, host, how);
  }
  std::vector<float> values = host.to_floats();
  for (float& value : values) {
    value += offset;
  }
  return place(host, HostTensor::from(name, host.shape(), std::move(values)), how);
}

Tensor Weights::embedding(const std::string& name, std::int64_t rows, std::int64_t width, DataType dtype,
                          float scale) const {
  const HostTensor host = checkpoint_.tensor(name, {rows, width});
  Upload how = replicated_upload(dtype, is_block_float(dtype) ? Layout::TILE : Layout::ROW_MAJOR);
  how.scale = scale;
  return planned_ != nullptr ? planned(host, how) : upload(*mesh_, host, how).set_name(name);
}

RotaryTables Weights::rotary(const RopeTables& tables) const {
  Upload how = replicated_upload(DataType::BFLOAT16, Layout::TILE);
  // They count among the weights of the device's DRAM.
  how.use = planned_ != nullptr ? MemoryUse::kWeights : MemoryUse::kTables;
  const auto placed = [&](const HostTensor& table) {
    return planned_ != nullptr ? planned(table, how) : upload(*mesh_, table, how).set_name(table.name());
  };
  return {placed(tables.cos), placed(tables.sin)};
}

Tensor Weights::cache(const std::string& name, const Shape& local, Format format) const {
  const Placement by_kv_heads = Placement::sharded(1);
  if (planned_ != nullptr) {
    planned_->push_back({name, local, DataType::BFLOAT16, by_kv_heads, MemoryUse::kKvCache,
                         device_bytes(local, DataType::BFLOAT16, Layout::TILE), HostTensor()});
    return {};
  }
  return Tensor::cache(*mesh_, local, format, by_kv_heads).set_name(name);
}

void Weights::stage(std::string_view text) const {
  if (observer_.stage) {
    observer_.stage(text);
  }
}

void Weights::check_groups(const std::string& name, std::int64_t columns, DataType dtype) const {
  for (int device = 0; is_block_float(dtype) && device < plan_.devices(); ++device) {
    const Range piece = plan_.piece(columns, device, name);
    TTX_CHECK_AS(
        piece.begin % kBlockFloatGroup == 0, ExitCode::kMesh, "mesh",
        "'{}' of {} columns cannot be cut over {} devices: device {} would begin at column {}, inside a "
        "group of {} that shares an exponent; run on fewer devices",
        name, columns, plan_.devices(), device, piece.begin, kBlockFloatGroup);
  }
}

HostTensor Weights::source(const Matrix& matrix) const {
  const HostTensor whole = checkpoint_.tensor(matrix.name, {matrix.out, matrix.in});
  return matrix.rows ? whole.rows(matrix.rows->begin, matrix.rows->end) : whole;
}

Tensor Weights::by_heads(const HostTensor& source, int dim, Range held, std::int64_t count,
                         std::int64_t head_dim, Upload how, std::int64_t repeats) const {
  const auto oriented = [](const HostTensor& host) {
    return host.shape().rank() == 2 ? host.transposed() : host;
  };
  if (repeats == 1 && held.size() == count) {
    how.piece = {held.begin * head_dim, held.end * head_dim};
    return place(source, oriented(source), how);
  }
  std::vector<Range> parts;
  for (std::int64_t head = held.begin; head < held.end; ++head) {
    parts.push_back({head / repeats * head_dim, (head / repeats + 1) * head_dim});
  }
  how.piece = {0, count * head_dim};
  if (planned_ != nullptr) {
    return planned(oriented(source), how);
  }
  return place(source, oriented(gathered(source, dim, parts, count * head_dim)), how);
}

Tensor Weights::place(const HostTensor& source, const HostTensor& host, const Upload& how) const {
  if (planned_ != nullptr) {
    return planned(host, how);
  }
  Upload with_packed = how;
  // What was made of the source is in no file.
  if (host.bytes().data() == source.bytes().data()) {
    with_packed.packed = packed_;
  }
  Tensor tensor = upload(*mesh_, host, with_packed);
  checkpoint_.release(source);
  if (observer_.loaded) {
    observer_.loaded(static_cast<std::int64_t>(source.bytes().size()));
  }
  return tensor.set_name(source.name());
}

Tensor Weights::planned(const HostTensor& host, const Upload& how) const {
  Shape shape = on_device(host);
  if (!how.placement.is_replicated()) {
    shape = shape.with(how.placement.dim, how.piece.size());
  }
  planned_->push_back({host.name(), shape, how.dtype, how.placement, how.use,
                       device_bytes(shape, how.dtype, how.layout), host});
  return {};
}

}  // namespace ttx
