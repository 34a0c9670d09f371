// SPDX-License-Identifier: Apache-2.0
#include "ccl/collective.hpp"

#include <algorithm>

#include "ccl/pieces.hpp"
#include "runtime/device_numerics/rounding.hpp"
#include "runtime/error.hpp"

namespace ttx {

void check_links(std::string_view op, const CclOptions& options, int links) {
  TTX_CHECK_AS(options.num_links <= links, ExitCode::kMesh, op,
               "too many links: got num_links {}, expected at most {}, the channels between neighbours of "
               "this system; take fewer, or the descriptor of another system",
               options.num_links, links);
}

}  // namespace ttx

namespace ttx::ccl {

void check_options(std::string_view op, const CclOptions& options) {
  TTX_CHECK(options.num_links >= 1, op, "wrong number of links: got {}, expected 1 or more",
            options.num_links);
  TTX_CHECK(options.topology == Topology::Linear, op, "unknown topology: got {}, expected Linear",
            static_cast<int>(options.topology));
}

void check_links(std::string_view op, const CclOptions& options, const MeshDevice& mesh) {
  if (mesh.num_devices() > 1) {
    ttx::check_links(op, options, mesh.profile().links);
  }
}

void check_rows(std::string_view op, const Tensor& x) {
  TTX_CHECK(!x.empty(), op, "tensor is empty: expected values on a device");
  TTX_CHECK(x.format() == Format::kRows, op, "tensor does not lie in rows: got {}, expected an activation",
            x.describe());
}

void check_partial(std::string_view op, const Tensor& x) {
  check_rows(op, x);
  TTX_CHECK(x.placement().is_partial() && x.dtype() == DataType::FLOAT32, op,
            "input is not the terms of a sum: got {}, expected FLOAT32 partial, as linear gives it for a "
            "weight sharded on "
            "dim 2",
            x.describe());
}

std::span<const std::byte> bytes_of(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DataType::BFLOAT16:
      return std::as_bytes(tensor.bf16());
    case DataType::FLOAT32:
      return std::as_bytes(tensor.f32());
    case DataType::UINT32:
      return std::as_bytes(tensor.u32());
    default:
      TTX_FAIL("collective", "element type does not travel: got {}, expected BFLOAT16, FLOAT32 or UINT32",
               tensor.describe());
  }
}

std::span<std::byte> mutable_bytes_of(Tensor& tensor) {
  switch (tensor.dtype()) {
    case DataType::BFLOAT16:
      return std::as_writable_bytes(tensor.mutable_bf16());
    case DataType::FLOAT32:
      return std::as_writable_bytes(tensor.mutable_f32());
    case DataType::UINT32:
      return std::as_writable_bytes(tensor.mutable_u32());
    default:
      TTX_FAIL("collective", "element type does not travel: got {}, expected BFLOAT16, FLOAT32 or UINT32",
               tensor.describe());
  }
}

PackedTerms::PackedTerms(const Tensor& x) {
  MeshDevice& mesh = MeshDevice::of(x);
  std::vector<bfloat16> own(x.f32().size());
  std::ranges::transform(x.f32(), own.begin(), device_numerics::packed);
  const auto devices = static_cast<std::size_t>(mesh.num_devices());
  if (devices == 1) {
    values = own;
  } else {
    values.resize(devices * own.size());
    const std::span<const std::byte> bytes = std::as_bytes(std::span(own));
    mesh.transport().all_gather(bytes, {std::vector<std::int64_t>(devices, std::ssize(bytes)), 1},
                                std::as_writable_bytes(std::span(values)));
  }
  for (std::size_t device = 0; device < devices; ++device) {
    terms.push_back(values.data() + device * own.size());
  }
}

Holding Holding::of(const Shape& shape, DataType dtype) {
  Holding holding;
  holding.dtype = static_cast<std::int64_t>(dtype);
  holding.rank = shape.rank();
  for (int dim = 0; dim < shape.rank(); ++dim) {
    holding.sizes[static_cast<std::size_t>(dim)] = shape[dim];
  }
  return holding;
}

Shape Holding::shape() const { return Shape(std::span(sizes).first(static_cast<std::size_t>(rank))); }

std::vector<Holding> exchange_holdings(MeshDevice& mesh, const Holding& own) {
  std::vector<Holding> all(static_cast<std::size_t>(mesh.num_devices()));
  const Cut cut{std::vector<std::int64_t>(all.size(), sizeof(Holding)), 1};
  mesh.transport().all_gather(std::as_bytes(std::span(&own, 1)), cut, std::as_writable_bytes(std::span(all)));
  return all;
}

void check_alike(std::string_view op, std::span<const Holding> holdings, int except_dim) {
  const Holding& first = holdings.front();
  for (std::size_t device = 1; device < holdings.size(); ++device) {
    Holding other = holdings[device];
    if (except_dim >= 0) {
      other.sizes[static_cast<std::size_t>(except_dim)] = first.sizes[static_cast<std::size_t>(except_dim)];
    }
    TTX_CHECK(other.dtype == first.dtype && other.rank == first.rank && other.sizes == first.sizes, op,
              "devices hold different things: device {} got {} {}, expected what fits device 0's {} {}",
              device, holdings[device].shape().to_string(), to_string(static_cast<DataType>(other.dtype)),
              first.shape().to_string(), to_string(static_cast<DataType>(first.dtype)));
  }
}

}  // namespace ttx::ccl
