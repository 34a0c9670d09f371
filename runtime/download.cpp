// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <span>
#include <vector>

#include "kernels/table.hpp"
#include "runtime/block_float.hpp"
#include "runtime/block_float_panels.hpp"
#include "runtime/error.hpp"
#include "runtime/host_values.hpp"
#include "runtime/storage.hpp"
#include "runtime/widen.hpp"

namespace ttx {

namespace {

/// value(index of the element among those stored) for each logical element, in logical order.
std::vector<float> unpack_weight(const Tensor& tensor) {
  const bfloat16* const panels = tensor.storage().as<bfloat16>();
  const std::int64_t k_size = tensor.shape()[2];
  const std::int64_t n_size = tensor.shape()[3];
  std::vector<float> values(static_cast<std::size_t>(k_size * n_size));
  for (std::int64_t k = 0; k < k_size; ++k) {
    for (std::int64_t n = 0; n < n_size; ++n) {
      const std::int64_t panel = n / kernels::kPanelColumns * kernels::panel_elements(k_size);
      const std::int64_t pair = k / 2 * (2 * kernels::kPanelColumns);
      values[static_cast<std::size_t>(k * n_size + n)] =
          to_float(panels[panel + pair + n % kernels::kPanelColumns * 2 + k % 2]);
    }
  }
  return values;
}

std::vector<float> unpack_cache(const Tensor& tensor) {
  const bool keys = tensor.format() == Format::kKeyCache;
  const std::int64_t length = tensor.shape()[2];
  const std::int64_t head_dim = tensor.shape()[3];
  std::vector<float> values(static_cast<std::size_t>(tensor.shape().volume()));
  float* out = values.data();
  for (std::int64_t head = 0; head < tensor.shape()[0] * tensor.shape()[1]; ++head) {
    const bfloat16* const base = tensor.storage().as<bfloat16>() + head * tensor.storage().head_stride;
    for (std::int64_t p = 0; p < length; ++p) {
      for (std::int64_t d = 0; d < head_dim; ++d) {
        const std::int64_t key_at = p / 32 * (32 * head_dim) + d / 2 * 64 + p % 32 * 2 + d % 2;
        const std::int64_t value_at = p / 2 * (2 * head_dim) + d * 2 + p % 2;
        *out++ = to_float(base[keys ? key_at : value_at]);
      }
    }
  }
  return values;
}

HostTensor widened(const Tensor& tensor, std::span<const bfloat16> values) {
  HostTensor host = HostTensor::unwritten(tensor.name(), tensor.shape(), DataType::FLOAT32);
  widen(values, reinterpret_cast<float*>(host.mutable_bytes().data()));
  return host;
}

HostTensor copy_rows(const Tensor& tensor) {
  if (tensor.dtype() == DataType::BFLOAT16) {
    return widened(tensor, tensor.bf16());
  }
  HostTensor host = HostTensor::unwritten(tensor.name(), tensor.shape(), tensor.dtype());
  if (!host.empty()) {
    std::memcpy(host.mutable_bytes().data(), tensor.row_bytes().data(), host.bytes().size());
  }
  return host;
}

HostTensor copy_mapped(const Tensor& tensor) {
  const std::int64_t count = tensor.shape().volume();
  std::vector<bfloat16> rounded(static_cast<std::size_t>(count));
  HostValues(tensor.storage().mapped, "to_host").copy(0, count, rounded.data());
  if (is_block_float(tensor.dtype())) {
    const std::int64_t width = tensor.shape()[-1];
    for (std::int64_t at = 0; at < count; at += width) {
      bfloat16* const row = rounded.data() + at;
      kernels::active().through_block_float({row, width, block_float_of(tensor.dtype()), row});
    }
  }
  return widened(tensor, rounded);
}

}  // namespace

HostTensor download(const Tensor& tensor) {
  TTX_CHECK(!tensor.empty(), "to_host", "the tensor is empty; nothing was ever assigned to it");
  switch (tensor.format()) {
    case Format::kRows:
      return copy_rows(tensor);
    case Format::kMapped:
      return copy_mapped(tensor);
    case Format::kWeightPanels:
      return HostTensor::from(tensor.name(), tensor.shape(), unpack_weight(tensor));
    case Format::kBlockFloatPanels:
      return HostTensor::from(
          tensor.name(), tensor.shape(),
          unpack_block_float_panels(tensor.storage().as<std::uint8_t>(), tensor.shape()[2], tensor.shape()[3],
                                    tensor.dtype()));
    case Format::kKeyCache:
    case Format::kValueCache:
      return HostTensor::from(tensor.name(), tensor.shape(), unpack_cache(tensor));
  }
  TTX_FAIL("to_host", "unknown format of {}", tensor.describe());
}

}  // namespace ttx
