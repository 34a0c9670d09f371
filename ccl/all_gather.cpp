// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "ccl/pieces.hpp"
#include "runtime/error.hpp"

namespace ttx {

Tensor all_gather(const Tensor& x, int dim, CclOptions options) {
  ccl::check_options("all_gather", options);
  ccl::check_rows("all_gather", x);
  const int d = normalize_dim(dim, x.shape().rank(), "all_gather");
  TTX_CHECK(x.placement().is_sharded(d), "all_gather",
            "input is not cut there: got {}, expected it sharded on dim {}", x.describe(), d);
  MeshDevice& mesh = MeshDevice::of(x);
  if (mesh.num_devices() == 1) {
    return x.placed(Placement::replicated());
  }

  const auto holdings = ccl::exchange_holdings(mesh, ccl::Holding::of(x.shape(), x.dtype()));
  ccl::check_alike("all_gather", holdings, d);
  std::int64_t extent = 0;
  for (const ccl::Holding& holding : holdings) {
    extent += holding.sizes[static_cast<std::size_t>(d)];
  }
  Tensor result =
      Tensor::rows(mesh, x.shape().with(d, extent), x.dtype(), x.layout(), Placement::replicated());
  result.set_name(x.name());

  const ccl::DimView view = ccl::view_of(result.shape(), d);
  const std::int64_t element = view.inner * static_cast<std::int64_t>(size_of(x.dtype()));
  std::vector<std::int64_t> runs;
  std::vector<std::int64_t> lengths;
  for (const ccl::Holding& holding : holdings) {
    runs.push_back(holding.sizes[static_cast<std::size_t>(d)] * element);
    lengths.push_back(view.outer * runs.back());
  }
  const std::span<std::byte> out = ccl::mutable_bytes_of(result);
  if (view.outer == 1) {
    mesh.line().all_gather_v(ccl::bytes_of(x), out, lengths);
  } else {
    const std::span<std::byte> pieces = mesh.scratch().take<std::byte>(out.size());
    mesh.line().all_gather_v(ccl::bytes_of(x), pieces, lengths);
    ccl::join_pieces(pieces, runs, view.outer, out);
  }
  return result;
}

}  // namespace ttx
