// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_tensor.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "runtime/bfloat16.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace {

std::size_t byte_size(const Shape& shape, DataType dtype) {
  return static_cast<std::size_t>(shape.volume()) * size_of(dtype);
}

/// Values that a tensor takes over.
template <class T>
struct Adopted {
  Adopted(const std::string& name, const Shape& shape, std::vector<T>&& values)
      : owner(std::make_shared<std::vector<T>>(std::move(values))),
        bytes(std::as_writable_bytes(std::span(*owner))) {
    TTX_CHECK(std::ssize(*owner) == shape.volume(), "host_tensor",
              "'{}': got {} values, expected {} for shape {}", name, owner->size(), shape.volume(),
              shape.to_string());
  }
  std::shared_ptr<std::vector<T>> owner;
  std::span<std::byte> bytes;
};

/// IEEE 754 binary16, exact.
float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t widened = exponent == 0x1FU ? 0xFFU : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (widened << 23) | (mantissa << 13));
}

template <class Stored, class Convert>
void convert_all(std::span<const std::byte> bytes, std::vector<float>& out, Convert convert) {
  const std::byte* source = bytes.data();
  for (float& value : out) {
    Stored stored;
    std::memcpy(&stored, source, sizeof(Stored));
    value = convert(stored);
    source += sizeof(Stored);
  }
}

/// Exchanges the two last dims of a row-major array, in blocks that stay in the cache.
std::vector<float> exchange_last_dims(const std::vector<float>& in, std::size_t rows, std::size_t columns) {
  constexpr std::size_t kBlock = 32;
  std::vector<float> out(in.size());
  if (in.empty()) {
    return out;
  }
  for (std::size_t base = 0; base < in.size(); base += rows * columns) {
    for (std::size_t r0 = 0; r0 < rows; r0 += kBlock) {
      for (std::size_t c0 = 0; c0 < columns; c0 += kBlock) {
        for (std::size_t r = r0; r < std::min(rows, r0 + kBlock); ++r) {
          for (std::size_t c = c0; c < std::min(columns, c0 + kBlock); ++c) {
            out[base + c * rows + r] = in[base + r * columns + c];
          }
        }
      }
    }
  }
  return out;
}

}  // namespace

HostTensor::HostTensor(std::string name, Shape shape, DataType dtype, std::span<const std::byte> bytes,
                       std::shared_ptr<const void> owner)
    : name_(std::move(name)), shape_(shape), dtype_(dtype), bytes_(bytes), owner_(std::move(owner)) {
  TTX_CHECK(bytes_.size() == byte_size(shape_, dtype_), "host_tensor",
            "'{}': got {} bytes, expected {} for {} {}", name_, bytes_.size(), byte_size(shape_, dtype_),
            to_string(dtype_), shape_.to_string());
}

HostTensor HostTensor::zeros(std::string name, Shape shape, DataType dtype) {
  const std::size_t size = byte_size(shape, dtype);
  auto storage = std::make_shared<std::vector<std::byte>>(size);
  std::byte* const data = storage->data();
  HostTensor tensor(std::move(name), shape, dtype, {data, size}, std::move(storage));
  tensor.owned_ = data;
  return tensor;
}

HostTensor HostTensor::unwritten(std::string name, Shape shape, DataType dtype) {
  const std::size_t size = byte_size(shape, dtype);
  const std::shared_ptr<std::byte[]> storage(new std::byte[size]);
  HostTensor tensor(std::move(name), shape, dtype, {storage.get(), size}, storage);
  tensor.owned_ = storage.get();
  return tensor;
}

HostTensor HostTensor::from(std::string name, Shape shape, std::vector<float> values) {
  const Adopted adopted(name, shape, std::move(values));
  HostTensor tensor(std::move(name), shape, DataType::FLOAT32, adopted.bytes, adopted.owner);
  tensor.owned_ = adopted.bytes.data();
  return tensor;
}

HostTensor HostTensor::from(std::string name, Shape shape, std::vector<std::uint32_t> values) {
  const Adopted adopted(name, shape, std::move(values));
  HostTensor tensor(std::move(name), shape, DataType::UINT32, adopted.bytes, adopted.owner);
  tensor.owned_ = adopted.bytes.data();
  return tensor;
}

HostTensor HostTensor::from(std::string name, Shape shape, std::vector<std::int32_t> values) {
  const Adopted adopted(name, shape, std::move(values));
  HostTensor tensor(std::move(name), shape, DataType::INT32, adopted.bytes, adopted.owner);
  tensor.owned_ = adopted.bytes.data();
  return tensor;
}

std::span<std::byte> HostTensor::mutable_bytes() {
  TTX_CHECK(owned_ != nullptr || bytes_.empty(), "host_tensor",
            "'{}' is a view of bytes that it does not own; copy it", name_);
  return {owned_, bytes_.size()};
}

HostTensor HostTensor::transposed() const {
  const int rank = shape_.rank();
  TTX_CHECK(rank >= 2, "host_tensor", "transposed '{}': got rank {}, expected at least 2", name_, rank);
  HostTensor result = *this;
  result.shape_ = shape_.with(rank - 2, shape_[-1]).with(rank - 1, shape_[-2]);
  result.transposed_ = !transposed_;
  return result;
}

HostTensor HostTensor::reshaped(Shape shape) const {
  TTX_CHECK(!transposed_, "host_tensor",
            "reshaped '{}': the tensor is transposed; reshape before transposing", name_);
  TTX_CHECK(shape.volume() == shape_.volume(), "host_tensor", "reshaped '{}': {} has {} elements, {} has {}",
            name_, shape_.to_string(), shape_.volume(), shape.to_string(), shape.volume());
  HostTensor result = *this;
  result.shape_ = shape;
  return result;
}

HostTensor HostTensor::rows(std::int64_t begin, std::int64_t end) const {
  TTX_CHECK(!transposed_, "host_tensor",
            "rows of '{}': the tensor is transposed; take the rows before transposing", name_);
  TTX_CHECK(shape_.rank() >= 1 && begin >= 0 && begin <= end && end <= shape_[0], "host_tensor",
            "rows of '{}': got [{}, {}), expected a range of {}", name_, begin, end, shape_.to_string());
  const std::size_t row_bytes = shape_[0] == 0 ? 0 : bytes_.size() / static_cast<std::size_t>(shape_[0]);
  const std::size_t offset = static_cast<std::size_t>(begin) * row_bytes;
  HostTensor result = *this;
  result.name_ = name_ + "[" + std::to_string(begin) + ":" + std::to_string(end) + "]";
  result.shape_ = shape_.with(0, end - begin);
  result.bytes_ = bytes_.subspan(offset, static_cast<std::size_t>(end - begin) * row_bytes);
  result.owned_ = owned_ == nullptr ? nullptr : owned_ + offset;
  return result;
}

std::span<const float> HostTensor::floats() const {
  TTX_CHECK(dtype_ == DataType::FLOAT32, "host_tensor", "'{}': got {}, expected FLOAT32; convert it", name_,
            to_string(dtype_));
  TTX_CHECK(reinterpret_cast<std::uintptr_t>(bytes_.data()) % alignof(float) == 0, "host_tensor",
            "'{}' is a view that is not aligned for floats; copy it", name_);
  return {reinterpret_cast<const float*>(bytes_.data()), bytes_.size() / sizeof(float)};
}

std::vector<float> HostTensor::to_floats() const {
  std::vector<float> values(bytes_.size() / size_of(dtype_));
  switch (dtype_) {
    case DataType::BFLOAT16:
      convert_all<std::uint16_t>(bytes_, values, [](std::uint16_t bits) { return to_float(bfloat16{bits}); });
      break;
    case DataType::FLOAT16:
      convert_all<std::uint16_t>(bytes_, values, half_to_float);
      break;
    case DataType::FLOAT32:
      convert_all<float>(bytes_, values, [](float value) { return value; });
      break;
    case DataType::UINT32:
      convert_all<std::uint32_t>(bytes_, values,
                                 [](std::uint32_t value) { return static_cast<float>(value); });
      break;
    case DataType::INT32:
      convert_all<std::int32_t>(bytes_, values, [](std::int32_t value) { return static_cast<float>(value); });
      break;
    case DataType::BFLOAT8_B:
    case DataType::BFLOAT4_B:
      break;  // no host tensor has them
  }
  if (!transposed_) {
    return values;
  }
  return exchange_last_dims(values, static_cast<std::size_t>(shape_[-1]),
                            static_cast<std::size_t>(shape_[-2]));
}

}  // namespace ttx
