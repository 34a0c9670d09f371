// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <vector>

#include "ccl/collective.hpp"
#include "ccl/mesh_mapper.hpp"
#include "ccl/pieces.hpp"
#include "runtime/error.hpp"

namespace ttx {
namespace {

/// Bytes that one device sends in one gather: bounds the buffer of device 0.
constexpr std::int64_t kRoundBytes = 4 << 20;
constexpr int kRoot = 0;

/// What this device sends: rows as they lie, anything else (a cache, packed weights) in logical order.
struct Outgoing {
  HostTensor logical;
  std::span<const std::byte> bytes;
  ccl::Holding holding;
};

Outgoing outgoing(const Tensor& tensor) {
  Outgoing result;
  if (tensor.format() == Format::kRows) {
    result.bytes = ccl::bytes_of(tensor);
    result.holding = ccl::Holding::of(tensor.shape(), tensor.dtype());
  } else {
    result.logical = download(tensor);
    result.bytes = result.logical.bytes();
    result.holding = ccl::Holding::of(result.logical.shape(), result.logical.dtype());
  }
  return result;
}

/// Where the pieces lie in the global tensor; all in elements.
struct Plan {
  std::vector<std::int64_t> runs;    ///< of each device in one row
  std::vector<std::int64_t> starts;  ///< of that run in the row
  std::int64_t row = 0;
  std::int64_t outer = 1;
};

/// Puts values [begin, begin + count) of the piece of `device` in their places, widening bfloat16.
template <typename From, typename To>
void place(const Plan& plan, std::size_t device, std::int64_t begin, std::span<const std::byte> bytes,
           To* out) {
  const std::int64_t run = plan.runs[device];
  const auto count = static_cast<std::int64_t>(bytes.size() / sizeof(From));
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t row = (begin + done) / run;
    const std::int64_t column = (begin + done) % run;
    const std::int64_t length = std::min(run - column, count - done);
    const std::byte* from = bytes.data() + done * std::int64_t{sizeof(From)};
    To* to = out + row * plan.row + plan.starts[device] + column;
    if constexpr (sizeof(From) == sizeof(To)) {
      std::memcpy(to, from, static_cast<std::size_t>(length) * sizeof(To));
    } else {
      const auto* values = reinterpret_cast<const bfloat16*>(from);
      std::transform(values, values + length, to, [](bfloat16 value) { return to_float(value); });
    }
    done += length;
  }
}

void place_as(DataType dtype, const Plan& plan, std::size_t device, std::int64_t begin,
              std::span<const std::byte> bytes, std::span<std::byte> out) {
  if (dtype == DataType::BFLOAT16) {
    place<bfloat16>(plan, device, begin, bytes, reinterpret_cast<float*>(out.data()));
  } else {
    place<std::uint32_t>(plan, device, begin, bytes, reinterpret_cast<std::uint32_t*>(out.data()));
  }
}

Plan make_plan(std::span<const ccl::Holding> holdings, int dim) {
  Plan plan;
  for (const ccl::Holding& holding : holdings) {
    const ccl::DimView view = ccl::view_of(holding.shape(), dim);
    plan.outer = view.outer;
    plan.starts.push_back(plan.row);
    plan.runs.push_back(view.extent * view.inner);
    plan.row += plan.runs.back();
  }
  return plan;
}

}  // namespace

HostTensor to_host(const Tensor& tensor, const MeshComposer& composer) {
  TTX_CHECK(!tensor.empty(), "to_host", "tensor is empty: expected values on a device");
  const int dim = normalize_dim(composer.dim(), tensor.shape().rank(), "to_host");
  TTX_CHECK(!tensor.placement().is_partial(), "to_host",
            "tensor is the terms of a sum: got {}; all_reduce it first", tensor.describe());
  TTX_CHECK(tensor.placement().is_replicated() || tensor.placement().is_sharded(dim), "to_host",
            "pieces do not lie along that dim: got {}, expected it sharded on dim {}", tensor.describe(),
            dim);
  MeshDevice& mesh = MeshDevice::of(tensor);
  TTX_CHECK(&mesh == &composer.mesh(), "to_host", "tensor lies on another mesh than the composer's: got {}",
            tensor.describe());
  if (mesh.num_devices() == 1) {
    return download(tensor);
  }

  const Outgoing own = outgoing(tensor);
  const std::vector<ccl::Holding> holdings = ccl::exchange_holdings(mesh, own.holding);
  ccl::check_alike("to_host", holdings, dim);
  const Plan plan = make_plan(holdings, dim);
  const auto dtype = static_cast<DataType>(own.holding.dtype);
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  const bool is_root = mesh.line_index() == kRoot;

  HostTensor result;
  std::span<std::byte> out;
  if (is_root) {
    std::int64_t extent = 0;
    for (const ccl::Holding& holding : holdings) {
      extent += holding.sizes[static_cast<std::size_t>(dim)];
    }
    const DataType host_dtype = dtype == DataType::BFLOAT16 ? DataType::FLOAT32 : dtype;
    result = HostTensor::zeros(tensor.name(), own.holding.shape().with(dim, extent), host_dtype);
    out = result.mutable_bytes();
  }

  const std::int64_t longest = plan.outer * *std::max_element(plan.runs.begin(), plan.runs.end()) * element;
  std::vector<std::int64_t> lengths(plan.runs.size());
  for (std::int64_t begin = 0; begin < longest; begin += kRoundBytes) {
    std::int64_t sum = 0;
    for (std::size_t device = 0; device < lengths.size(); ++device) {
      lengths[device] =
          std::clamp(plan.outer * plan.runs[device] * element - begin, std::int64_t{0}, kRoundBytes);
      sum += lengths[device];
    }
    const auto own_length = static_cast<std::size_t>(lengths[static_cast<std::size_t>(mesh.line_index())]);
    const std::span<const std::byte> sending =
        own_length == 0 ? std::span<const std::byte>()
                        : own.bytes.subspan(static_cast<std::size_t>(begin), own_length);
    const std::span<std::byte> received =
        mesh.scratch().take<std::byte>(is_root ? static_cast<std::size_t>(sum) : 0);
    mesh.line().gather_v(sending, received, lengths, kRoot);
    std::size_t offset = 0;
    for (std::size_t device = 0; is_root && device < lengths.size(); ++device) {
      const auto length = static_cast<std::size_t>(lengths[device]);
      place_as(dtype, plan, device, begin / element, received.subspan(offset, length), out);
      offset += length;
    }
  }
  return result;
}

}  // namespace ttx
