// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <vector>

#include "ccl/collective.hpp"
#include "ccl/mesh_mapper.hpp"
#include "ccl/pieces.hpp"
#include "runtime/error.hpp"
#include "runtime/widen.hpp"

namespace ttx {
namespace {

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

/// Puts values from `begin` on of the piece of `device` in their places, widening bfloat16.
template <typename From, typename To>
void place(const ccl::Cut& cut, std::size_t device, std::int64_t begin, std::span<const std::byte> bytes,
           To* out) {
  const auto count = static_cast<std::int64_t>(bytes.size() / sizeof(From));
  ccl::for_part_of_piece(cut, device, begin, count,
                         [&](std::int64_t offset, std::int64_t at, std::int64_t length) {
                           const std::byte* from = bytes.data() + offset * std::int64_t{sizeof(From)};
                           const auto n = static_cast<std::size_t>(length);
                           if constexpr (sizeof(From) == sizeof(To)) {
                             std::memcpy(out + at, from, n * sizeof(To));
                           } else {
                             widen({reinterpret_cast<const bfloat16*>(from), n}, out + at);
                           }
                         });
}

void place_as(DataType dtype, const ccl::Cut& cut, std::size_t device, std::int64_t begin,
              std::span<const std::byte> bytes, std::span<std::byte> out) {
  if (dtype == DataType::BFLOAT16) {
    place<bfloat16>(cut, device, begin, bytes, reinterpret_cast<float*>(out.data()));
  } else {
    place<std::uint32_t>(cut, device, begin, bytes, reinterpret_cast<std::uint32_t*>(out.data()));
  }
}

/// In elements.
ccl::Cut cut_of(std::span<const ccl::Holding> holdings, int dim) {
  ccl::Cut cut;
  for (const ccl::Holding& holding : holdings) {
    const ccl::DimView view = ccl::view_of(holding.shape(), dim);
    cut.outer = view.outer;
    cut.runs.push_back(view.extent * view.inner);
  }
  return cut;
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
  const ccl::Cut cut = cut_of(holdings, dim);
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
    result = HostTensor::unwritten(tensor.name(), own.holding.shape().with(dim, extent), host_dtype);
    out = result.mutable_bytes();
  }

  std::vector<std::int64_t> lengths;
  for (const std::int64_t run : cut.runs) {
    lengths.push_back(cut.outer * run * element);
  }
  mesh.transport().gather(own.bytes, lengths, kRoot,
                          [&](std::size_t device, std::int64_t begin, std::span<const std::byte> bytes) {
                            place_as(dtype, cut, device, begin / element, bytes, out);
                          });
  return result;
}

}  // namespace ttx
