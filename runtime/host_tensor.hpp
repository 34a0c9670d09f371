// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/dtype.hpp"
#include "runtime/shape.hpp"

namespace ttx {

/// A dense row-major tensor in host memory: owned, or a view into a mapped file that it keeps alive. Cheap to
/// copy. The bytes of a view may lie at any address: read single elements through `at` or copy rows, never
/// cast the pointer.
///
/// `transposed()` gives the same bytes with the two last dims exchanged, which is how a checkpoint's [out,
/// in] matrix becomes TTNN's [in, out] weight without being copied.
class HostTensor {
 public:
  HostTensor() = default;
  /// A view: `bytes` must be shape.volume() * size_of(dtype) long (checked) and stays valid while `owner`
  /// lives.
  HostTensor(std::string name, Shape shape, DataType dtype, std::span<const std::byte> bytes,
             std::shared_ptr<const void> owner);
  /// Owned, zero-filled.
  static HostTensor zeros(std::string name, Shape shape, DataType dtype);
  /// Owned, for who writes every value: they are whatever the memory holds.
  static HostTensor unwritten(std::string name, Shape shape, DataType dtype);
  static HostTensor from(std::string name, Shape shape, std::vector<float> values);
  static HostTensor from(std::string name, Shape shape, std::vector<std::uint32_t> values);
  static HostTensor from(std::string name, Shape shape, std::vector<std::int32_t> values);

  bool empty() const { return bytes_.empty(); }
  const std::string& name() const { return name_; }
  const Shape& shape() const { return shape_; }
  DataType dtype() const { return dtype_; }
  bool is_transposed() const { return transposed_; }
  /// Row-major bytes of the shape before any transposition.
  std::span<const std::byte> bytes() const { return bytes_; }
  /// Only of an owned tensor. Throws Error on a view.
  std::span<std::byte> mutable_bytes();

  /// Same bytes, two last dims exchanged. Rank >= 2.
  HostTensor transposed() const;
  /// Same bytes, another shape of the same volume. Not of a transposed tensor.
  HostTensor reshaped(Shape shape) const;
  /// A view of entries [begin, end) of the first dim, called "name[begin:end]": of a matrix, some of its
  /// rows. Not of a transposed tensor. Throws Error when they are not in the tensor.
  HostTensor rows(std::int64_t begin, std::int64_t end) const;
  /// The values of a FLOAT32 tensor where they lie. Throws Error on another dtype, and on a view that is not
  /// aligned for floats; owned values are.
  std::span<const float> floats() const;
  /// All values as fp32, in the order of shape() (so transposition is carried out).
  std::vector<float> to_floats() const;

 private:
  std::string name_;
  Shape shape_;
  DataType dtype_ = DataType::FLOAT32;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
  std::byte* owned_ = nullptr;
  bool transposed_ = false;
};

}  // namespace ttx
