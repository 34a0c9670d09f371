// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "runtime/bfloat16.hpp"
#include "runtime/device.hpp"
#include "runtime/dtype.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/memory_config.hpp"
#include "runtime/placement.hpp"
#include "runtime/shape.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

class PackedFile;

/// TILE is a contract, not a byte order: ops check what TTNN checks, padding to tiles is derived and never
/// stored.
enum class Layout { ROW_MAJOR, TILE };
std::string_view to_string(Layout layout);

/// How the bytes of a tensor really lie; a private matter of the ops.
enum class Format {
  kRows,    ///< dense, row-major; 64-byte aligned but for a view of some of another's
  kMapped,  ///< dense rows of a checkpoint, in its own dtype, where the file maps them (embedding tables);
            ///< ops round what they read to the tensor's dtype
  kWeightPanels,      ///< a [1, 1, K, N] linear weight as kernels/linear.hpp packs it
  kBlockFloatPanels,  ///< the same of BFLOAT8_B or BFLOAT4_B, as kernels/block_float.hpp packs it
  kKeyCache,          ///< [users, heads, length, D]: each head as kernels/attention.hpp lays out keys
  kValueCache,        ///< the same for values
};

/// One device's shard of a tensor: logical local shape, dtype, layout, placement, and a name for messages.
/// Cheap to copy; copies share the bytes. Ops return new tensors, only the cache ops write into one.
class Tensor {
 public:
  Tensor() = default;

  /// Uninitialised rows.
  static Tensor rows(Device& device, Shape shape, DataType dtype, Layout layout, Placement placement,
                     MemoryUse use = MemoryUse::kActivations);
  /// A cache [users, heads, length, D] of BFLOAT16 zeros: address space only, memory where touched. `format`
  /// is kKeyCache or kValueCache. D a multiple of 32, at most 256.
  static Tensor cache(Device& device, Shape shape, Format format, Placement placement);

  bool empty() const { return storage_ == nullptr; }
  const Shape& shape() const { return shape_; }  ///< logical, local
  Shape padded_shape() const { return layout_ == Layout::TILE ? shape_.padded_to_tile() : shape_; }
  DataType dtype() const { return dtype_; }
  Layout layout() const { return layout_; }
  Placement placement() const { return placement_; }
  /// INTERLEAVED DRAM unless to_memory_config or interleaved_to_sharded made this tensor.
  const MemoryConfig& memory_config() const { return memory_config_; }
  Format format() const { return format_; }
  Device& device() const;  ///< throws Error on an empty tensor
  const std::string& name() const { return name_; }
  Tensor& set_name(std::string name);

  /// The rows, for ops and collectives. Throws Error when the format or the element type is another.
  std::span<const bfloat16> bf16() const;
  std::span<const float> f32() const;
  std::span<const std::uint32_t> u32() const;
  std::span<bfloat16> mutable_bf16();
  std::span<float> mutable_f32();
  std::span<std::uint32_t> mutable_u32();

  /// The rows as bytes, of any element type. Throws Error when the format is another.
  std::span<const std::byte> row_bytes() const;

  /// The same bytes under another shape of equal volume (then interleaved), or another placement. Format
  /// kRows only.
  Tensor reshaped(Shape shape) const;
  Tensor placed(Placement placement) const;
  /// The shape.volume() elements from `first` on, sharing the bytes: what a piece of rows is that lies
  /// together (interleaved). Throws Error unless they lie within this tensor's rows.
  Tensor view(std::int64_t first, Shape shape, Placement placement) const;
  /// The same tensor in another memory. For the ops of that name, which check it.
  Tensor held_as(MemoryConfig memory_config) const;

  /// "linear weight 'model.layers.0...' [1, 1, 1024, 256] BFLOAT16 TILE sharded on dim 3": for messages.
  std::string describe() const;

  /// What ops of this room need beyond the above; nobody else calls it.
  struct Storage;
  const Storage& storage() const;
  static Tensor adopt(std::shared_ptr<Storage> storage, Shape shape, DataType dtype, Layout layout,
                      Placement placement, Format format, std::string name);

 private:
  template <class T>
  std::span<T> rows_as(DataType dtype) const;

  std::shared_ptr<Storage> storage_;
  Shape shape_;
  DataType dtype_ = DataType::BFLOAT16;
  Layout layout_ = Layout::TILE;
  Placement placement_;
  Format format_ = Format::kRows;
  MemoryConfig memory_config_;
  std::int64_t first_ = 0;  ///< of a view: the element of the storage's rows at which it begins
  std::string name_;
};

/// Bytes of `shape` in the DRAM of the hardware: padded to tiles in TILE layout.
std::int64_t device_bytes(const Shape& shape, DataType dtype, Layout layout);

/// What from_host makes of a host tensor: this device's piece of it. Filled in by the mesh mappers of ccl/.
struct Upload {
  Placement placement;  ///< its dim counts in the shape extended to rank 4
  Range piece;          ///< of placement.dim, when sharded
  SumBlocks
      sum_blocks;  ///< of a linear weight that is sharded on K (dim -2); count 1 with end[0] = K otherwise
  DataType dtype = DataType::BFLOAT16;
  Layout layout = Layout::TILE;
  MemoryUse use = MemoryUse::kWeights;
  /// Of a table that is used where it lies: its values times this, rounded to bfloat16 before they become
  /// block floats.
  float scale = 1.0F;
  /// Of a linear weight of block floats: the file that may hold its panels, see runtime/packed_file.hpp.
  std::shared_ptr<const PackedFile> packed = nullptr;
};

/// Brings this device's piece of `host` onto the device.
///   - transposed matrix [K, N] or [1, 1, K, N] (a checkpoint's [N, K]): packed as a linear weight [1, 1, K',
///   N'], read
///     straight from the map, by all threads of the device, or taken from a packed file; with a block float
///     dtype, values are rounded to bfloat16 first, groups of 16 lie along N and a piece of columns must
///     begin at a multiple of 16;
///   - ROW_MAJOR BFLOAT16 of kWeights, replicated: used where it lies (kMapped), values rounded to bfloat16
///   when read; so is a table of block floats (kWeights, replicated), whose groups of 16 lie along a row;
///   - anything else: copied to rows, floats rounded to nearest even when dtype is BFLOAT16. Shapes are
///   extended to rank 4
///     by leading ones.
/// Throws Error on a dtype or shape that cannot be placed so.
Tensor upload(Device& device, const HostTensor& host, const Upload& how);

/// This device's values as a host tensor of its local shape: BFLOAT16 and block floats are widened to
/// FLOAT32. Caches and weight panels come back in logical order. Live data only: collectives are in ccl/.
HostTensor download(const Tensor& tensor);

}  // namespace ttx
