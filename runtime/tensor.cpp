// SPDX-License-Identifier: Apache-2.0
#include "runtime/tensor.hpp"

#include <utility>

#include <fmt/format.h>

#include "kernels/attention.hpp"
#include "runtime/buffer_pool.hpp"
#include "runtime/error.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

std::string_view prefix_of(Format format) {
  switch (format) {
    case Format::kRows:
      return "tensor";
    case Format::kMapped:
      return "mapped table";
    case Format::kWeightPanels:
    case Format::kBlockFloatPanels:
      return "linear weight";
    case Format::kKeyCache:
      return "key cache";
    case Format::kValueCache:
      return "value cache";
  }
  return "?";
}

}  // namespace

std::string_view to_string(Layout layout) { return layout == Layout::TILE ? "TILE" : "ROW_MAJOR"; }

Tensor::Storage::~Storage() {
  if (pooled) {
    device->buffers().give_back(std::move(block));
  }
}

std::int64_t device_bytes(const Shape& shape, DataType dtype, Layout layout) {
  if (layout == Layout::TILE) {
    return shape.padded_to_tile().volume() / (kTile * kTile) * static_cast<std::int64_t>(tile_bytes(dtype));
  }
  return shape.volume() * static_cast<std::int64_t>(size_of(dtype));
}

std::shared_ptr<Tensor::Storage> allocate_storage(Device& device, std::size_t bytes, MemoryUse use,
                                                  std::int64_t device_bytes) {
  auto storage = std::make_shared<Tensor::Storage>();
  storage->device = &device;
  storage->bytes = bytes;
  if (use == MemoryUse::kActivations) {
    storage->block = device.buffers().take(bytes);
    storage->pooled = true;
  } else {
    storage->block = MemoryBlock::allocate(bytes, use);
  }
  storage->claim = device.claim(use, device_bytes);
  return storage;
}

Tensor Tensor::adopt(std::shared_ptr<Storage> storage, Shape shape, DataType dtype, Layout layout,
                     Placement placement, Format format, std::string name) {
  Tensor tensor;
  tensor.storage_ = std::move(storage);
  tensor.shape_ = shape;
  tensor.dtype_ = dtype;
  tensor.layout_ = layout;
  tensor.placement_ = placement;
  tensor.format_ = format;
  tensor.name_ = std::move(name);
  return tensor;
}

Tensor Tensor::rows(Device& device, Shape shape, DataType dtype, Layout layout, Placement placement,
                    MemoryUse use) {
  TTX_CHECK(dtype != DataType::FLOAT16, "tensor",
            "FLOAT16 exists on the host only; use BFLOAT16 on the device");
  TTX_CHECK(!is_block_float(dtype), "tensor", "{} is for weights that come from the host; use BFLOAT16",
            to_string(dtype));
  const auto bytes = static_cast<std::size_t>(shape.volume()) * size_of(dtype);
  return adopt(allocate_storage(device, bytes, use, device_bytes(shape, dtype, layout)), shape, dtype, layout,
               placement, Format::kRows, {});
}

Tensor Tensor::cache(Device& device, Shape shape, Format format, Placement placement) {
  TTX_CHECK(format == Format::kKeyCache || format == Format::kValueCache, "cache",
            "format: got a {}, expected a key cache or a value cache", prefix_of(format));
  TTX_CHECK(shape.rank() == 4 && shape.volume() > 0, "cache",
            "shape: got {}, expected [users, heads, length, head_dim] without a zero", shape.to_string());
  const std::int64_t head_dim = shape[3];
  TTX_CHECK(head_dim % 32 == 0 && head_dim <= 256, "cache",
            "head_dim: got {}, expected a multiple of 32 up to 256; pad the heads", head_dim);
  auto storage = std::make_shared<Storage>();
  storage->device = &device;
  storage->head_stride = round_up(shape[2], kernels::kKeyBlock) * head_dim;
  storage->bytes = static_cast<std::size_t>(shape[0] * shape[1] * storage->head_stride) * sizeof(bfloat16);
  storage->block = MemoryBlock::reserve(storage->bytes);
  storage->claim = device.claim(MemoryUse::kKvCache, device_bytes(shape, DataType::BFLOAT16, Layout::TILE));
  return adopt(std::move(storage), shape, DataType::BFLOAT16, Layout::TILE, placement, format, {});
}

Device& Tensor::device() const { return *storage().device; }

const Tensor::Storage& Tensor::storage() const {
  TTX_CHECK(storage_ != nullptr, "tensor", "the tensor{} is empty; nothing was ever assigned to it",
            name_.empty() ? "" : fmt::format(" '{}'", name_));
  return *storage_;
}

Tensor& Tensor::set_name(std::string name) {
  name_ = std::move(name);
  return *this;
}

template <class T>
std::span<T> Tensor::rows_as(DataType dtype) const {
  const Storage& bytes = storage();
  TTX_CHECK(format_ == Format::kRows && dtype_ == dtype, "tensor",
            "the values asked for do not lie so: got {}, expected rows of {}", describe(), to_string(dtype));
  return {bytes.as<T>() + first_, static_cast<std::size_t>(shape_.volume())};
}

std::span<const bfloat16> Tensor::bf16() const { return rows_as<const bfloat16>(DataType::BFLOAT16); }
std::span<const float> Tensor::f32() const { return rows_as<const float>(DataType::FLOAT32); }
std::span<const std::uint32_t> Tensor::u32() const { return rows_as<const std::uint32_t>(DataType::UINT32); }
std::span<bfloat16> Tensor::mutable_bf16() { return rows_as<bfloat16>(DataType::BFLOAT16); }
std::span<float> Tensor::mutable_f32() { return rows_as<float>(DataType::FLOAT32); }
std::span<std::uint32_t> Tensor::mutable_u32() { return rows_as<std::uint32_t>(DataType::UINT32); }

std::span<const std::byte> Tensor::row_bytes() const {
  const Storage& bytes = storage();
  TTX_CHECK(format_ == Format::kRows, "tensor", "the values do not lie in rows: got {}", describe());
  const std::size_t size = size_of(dtype_);
  return {bytes.as<const std::byte>() + static_cast<std::size_t>(first_) * size,
          static_cast<std::size_t>(shape_.volume()) * size};
}

Tensor Tensor::reshaped(Shape shape) const {
  TTX_CHECK(!empty() && format_ == Format::kRows, "reshape", "only rows can be reshaped: got {}", describe());
  TTX_CHECK(shape.volume() == shape_.volume(), "reshape",
            "element counts differ: got {} for {}, expected {} elements", shape.to_string(), describe(),
            shape_.volume());
  return view(0, shape, placement_);
}

Tensor Tensor::placed(Placement placement) const {
  TTX_CHECK(!empty() && format_ == Format::kRows, "placed", "only rows can be placed anew: got {}",
            describe());
  Tensor same = *this;
  same.placement_ = placement;
  return same;
}

Tensor Tensor::view(std::int64_t first, Shape shape, Placement placement) const {
  TTX_CHECK(!empty() && format_ == Format::kRows, "view", "only rows have views: got {}", describe());
  const std::int64_t count = shape.volume();
  TTX_CHECK(first >= 0 && count <= shape_.volume() && first <= shape_.volume() - count, "view",
            "elements out of range: got {} from {} on, expected a range within the {} of {}", count, first,
            shape_.volume(), describe());
  Tensor part = *this;
  part.first_ += first;
  part.shape_ = shape;
  part.placement_ = placement;
  part.memory_config_ = {};
  return part;
}

Tensor Tensor::held_as(MemoryConfig memory_config) const {
  Tensor same = *this;
  same.memory_config_ = memory_config;
  return same;
}

std::string Tensor::describe() const {
  if (empty()) {
    return "an empty tensor";
  }
  return fmt::format("{}{} {} {} {} {}{}", prefix_of(format_),
                     name_.empty() ? "" : fmt::format(" '{}'", name_), shape_.to_string(), to_string(dtype_),
                     to_string(layout_), placement_.to_string(),
                     memory_config_.is_sharded() ? " " + to_string(memory_config_) : "");
}

}  // namespace ttx
