// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/table.hpp"
#include "runtime/block_float.hpp"
#include "runtime/error.hpp"
#include "runtime/host_values.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "from_host";
constexpr int kRank = 4;

/// Leading ones up to rank 4; higher ranks stay.
Shape extended(const Shape& shape) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(std::max(0, kRank - shape.rank())), 1);
  for (int i = 0; i < shape.rank(); ++i) {
    sizes.push_back(shape[i]);
  }
  return Shape(std::span<const std::int64_t>(sizes));
}

/// This device's range of dim `dim` of the extended shape.
Range range_of(const Upload& how, const Shape& shape, int dim) {
  return how.placement.is_sharded(dim) ? how.piece : Range{0, shape[dim]};
}

Shape local_shape(const HostTensor& host, const Upload& how) {
  const Shape shape = extended(host.shape());
  TTX_CHECK(!how.placement.is_partial(), kOp,
            "'{}': a host tensor cannot become partial; replicate or shard it", host.name());
  if (how.placement.is_replicated()) {
    return shape;
  }
  const int dim = how.placement.dim;
  TTX_CHECK(dim >= 0 && dim < shape.rank(), kOp, "'{}': cannot shard dim {} of {}", host.name(), dim,
            shape.to_string());
  TTX_CHECK(how.piece.begin >= 0 && how.piece.begin < how.piece.end && how.piece.end <= shape[dim], kOp,
            "'{}': piece [{}, {}) of dim {} does not lie in {}", host.name(), how.piece.begin, how.piece.end,
            dim, shape.to_string());
  return shape.with(dim, how.piece.size());
}

kernels::KBlocks k_blocks(const HostTensor& host, const Upload& how, std::int64_t k) {
  kernels::KBlocks blocks;
  blocks.end[0] = k;
  const SumBlocks& given = how.sum_blocks;
  if (!how.placement.is_sharded(2)) {
    TTX_CHECK(given.count == 1 && (given.end[0] == 0 || given.end[0] == k), kOp,
              "'{}': {} sum blocks for a weight that is {}; only a weight sharded on dim 2 has several",
              host.name(), given.count, how.placement.to_string());
    return blocks;
  }
  const int count = given.count;
  TTX_CHECK(count == 1 || count == 2 || count == 4 || count == 8, kOp,
            "'{}': sum blocks: got {}, expected 1, 2, 4 or 8", host.name(), count);
  std::int64_t begin = 0;
  for (int i = 0; i < count; ++i) {
    const std::int64_t end = given.end[static_cast<std::size_t>(i)];
    const bool last = i + 1 == count;
    TTX_CHECK(end >= begin && (last ? end == k : end <= k && end % 2 == 0), kOp,
              "'{}': sum block {} of {} ends at {}, expected an even place after {}, and {} for the last",
              host.name(), i, count, end, begin, k);
    begin = end;
  }
  blocks.end = given.end;
  blocks.count = count;
  return blocks;
}

std::int64_t panel_bytes_of(std::int64_t k, DataType dtype) {
  return is_block_float(dtype) ? kernels::block_float_panel_bytes(k, block_float_of(dtype))
                               : kernels::panel_elements(k) * static_cast<std::int64_t>(sizeof(bfloat16));
}

/// Packs bf16 columns as `dtype` into a panel that lies at call.panel.
void pack_panel(const kernels::PackPanelCall& call, DataType dtype) {
  if (is_block_float(dtype)) {
    kernels::active().pack_block_float({call.w, call.w_stride, call.columns, call.k, block_float_of(dtype),
                                        reinterpret_cast<std::uint8_t*>(call.panel)});
  } else {
    kernels::active().pack_panel(call);
  }
}

/// A checkpoint's [N, K], seen as [K, N], packed into panels of 32 columns straight from where it lies.
Tensor pack_weight(Device& device, const HostTensor& host, const Upload& how) {
  TTX_CHECK((how.dtype == DataType::BFLOAT16 || is_block_float(how.dtype)) && how.layout == Layout::TILE, kOp,
            "'{}': a transposed tensor becomes a linear weight: got {} {}, expected BFLOAT16 TILE, BFLOAT8_B "
            "TILE or BFLOAT4_B TILE",
            host.name(), to_string(how.dtype), to_string(how.layout));
  const Shape whole = extended(host.shape());
  TTX_CHECK(whole.rank() == kRank && whole[0] == 1 && whole[1] == 1, kOp,
            "'{}': a linear weight is [K, N] or [1, 1, K, N]: got {}", host.name(), host.shape().to_string());
  const Shape local = local_shape(host, how);
  TTX_CHECK(!how.placement.is_sharded(0) && !how.placement.is_sharded(1), kOp,
            "'{}': a linear weight is sharded on dim 2 (rows) or 3 (columns): got dim {}", host.name(),
            how.placement.dim);
  const Range rows = range_of(how, whole, 2);
  const Range columns = range_of(how, whole, 3);
  TTX_CHECK(
      !is_block_float(how.dtype) || columns.begin % kBlockFloatGroup == 0, kOp,
      "'{}': {} columns of this device begin at {}, which is no multiple of {}: groups would depend on the "
      "mesh; use BFLOAT16 for so few columns",
      host.name(), to_string(how.dtype), columns.begin, kBlockFloatGroup);
  const std::int64_t stride = whole[2];
  const std::int64_t k = rows.size();
  const std::int64_t n = columns.size();
  const std::int64_t panel_bytes = panel_bytes_of(k, how.dtype);
  const std::int64_t panels = kernels::panel_count(n);
  const HostValues values(host, kOp);

  auto storage = allocate_storage(device, static_cast<std::size_t>(panels * panel_bytes), how.use,
                                  device_bytes(local, how.dtype, how.layout));
  storage->blocks = k_blocks(host, how, k);
  std::byte* const packed = storage->as<std::byte>();
  const std::int64_t source_bytes = kernels::panel_elements(k) * static_cast<std::int64_t>(sizeof(bfloat16));
  ops::parallel(device, panels, source_bytes + panel_bytes, [&](std::int64_t first, std::int64_t last) {
    std::vector<bfloat16> strip;
    if (values.in_place() == nullptr) {
      strip.resize(static_cast<std::size_t>(kernels::kPanelColumns * k));
    }
    for (std::int64_t panel = first; panel < last; ++panel) {
      const std::int64_t column = columns.begin + panel * kernels::kPanelColumns;
      const std::int64_t count = std::min(kernels::kPanelColumns, columns.end - column);
      kernels::PackPanelCall call;
      call.columns = count;
      call.k = k;
      call.panel = reinterpret_cast<bfloat16*>(packed + panel * panel_bytes);
      if (values.in_place() != nullptr) {
        call.w = values.in_place() + column * stride + rows.begin;
        call.w_stride = stride;
      } else {
        for (std::int64_t i = 0; i < count; ++i) {
          values.copy((column + i) * stride + rows.begin, k, strip.data() + i * k);
        }
        call.w = strip.data();
        call.w_stride = k;
      }
      pack_panel(call, how.dtype);
    }
  });
  const Format format = is_block_float(how.dtype) ? Format::kBlockFloatPanels : Format::kWeightPanels;
  return Tensor::adopt(std::move(storage), local, how.dtype, how.layout, how.placement, format, host.name());
}

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
    return pack_weight(device, host, how);
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
