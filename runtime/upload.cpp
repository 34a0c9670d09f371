// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/host_values.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"
#include "runtime/upload_shape.hpp"
#include "runtime/upload_weight.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = kUploadOp;

/// The table stays in the file; ops read the rows that they need.
Tensor map_table(Device& device, const HostTensor& host, const Upload& how) {
  static_cast<void>(HostValues(host, kOp));  // refuses other element types
  const Shape shape = extended(host.shape());
  const Layout layout = is_block_float(how.dtype) ? Layout::TILE : how.layout;  // they have no other
  auto storage = std::make_shared<Tensor::Storage>();
  storage->device = &device;
  storage->mapped = host;
  storage->scale = how.scale;
  storage->claim = device.claim(how.use, device_bytes(shape, how.dtype, layout));
  return Tensor::adopt(std::move(storage), shape, how.dtype, layout, how.placement, Format::kMapped,
                       host.name());
}

/// Calls copy(from, count, to) for each stretch of elements that lies together in source and piece.
template <class Copy>
void for_each_run(Device& device, const Shape& whole, const Upload& how, std::size_t item_size,
                  const Copy& copy) {
  const bool sharded = !how.placement.is_replicated();
  const int dim = sharded ? how.placement.dim : 0;
  std::int64_t outer = 1;
  std::int64_t inner = 1;
  for (int i = 0; i < whole.rank(); ++i) {
    (i < dim ? outer : inner) *= i == dim ? 1 : whole[i];
  }
  const Range range = range_of(how, whole, dim);
  const std::int64_t run = range.size() * inner;
  ops::parallel(device, outer, run * static_cast<std::int64_t>(item_size),
                [&](std::int64_t first, std::int64_t last) {
                  for (std::int64_t i = first; i < last; ++i) {
                    copy((i * whole[dim] + range.begin) * inner, run, i * run);
                  }
                });
}

Tensor copy_rows(Device& device, const HostTensor& host, const Upload& how) {
  const Shape whole = extended(host.shape());
  Tensor result = Tensor::rows(device, local_shape(host, how), how.dtype, how.layout, how.placement, how.use);
  result.set_name(host.name());
  if (how.dtype == DataType::BFLOAT16) {
    const HostValues values(host, kOp);
    bfloat16* const out = result.mutable_bf16().data();
    for_each_run(
        device, whole, how, sizeof(float),
        [&](std::int64_t from, std::int64_t count, std::int64_t to) { values.copy(from, count, out + to); });
    return result;
  }
  std::vector<float> widened;
  const std::byte* source = host.bytes().data();
  if (how.dtype == DataType::FLOAT32 && host.dtype() != DataType::FLOAT32) {
    static_cast<void>(HostValues(host, kOp));  // refuses other element types
    widened = host.to_floats();
    source = reinterpret_cast<const std::byte*>(widened.data());
  } else {
    TTX_CHECK(how.dtype == host.dtype(), kOp,
              "'{}': got {}, which does not become {}; convert it on the host", host.name(),
              to_string(host.dtype()), to_string(how.dtype));
  }
  const auto size = static_cast<std::int64_t>(size_of(how.dtype));
  std::byte* const out = result.storage().as<std::byte>();
  for_each_run(device, whole, how, size_of(how.dtype),
               [&](std::int64_t from, std::int64_t count, std::int64_t to) {
                 std::memcpy(out + to * size, source + from * size, static_cast<std::size_t>(count * size));
               });
  return result;
}

}  // namespace

Tensor upload(Device& device, const HostTensor& host, const Upload& how) {
  TTX_CHECK(!host.empty(), kOp, "'{}' {} has no values; nothing to bring onto the device", host.name(),
            host.shape().to_string());
  if (host.is_transposed()) {
    return upload_weight(device, host, how);
  }
  const bool whole = how.use == MemoryUse::kWeights && how.placement.is_replicated();
  TTX_CHECK(!is_block_float(how.dtype) || whole, kOp,
            "'{}': {} is for transposed linear weights and for replicated tables of weights: got {}, {}; use "
            "BFLOAT16",
            host.name(), to_string(how.dtype), how.placement.to_string(), to_string(how.use));
  const bool table = whole && (is_block_float(how.dtype) ||
                               (how.layout == Layout::ROW_MAJOR && how.dtype == DataType::BFLOAT16));
  return table ? map_table(device, host, how) : copy_rows(device, host, how);
}

}  // namespace ttx
