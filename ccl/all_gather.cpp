// SPDX-License-Identifier: Apache-2.0
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
  ccl::check_links("all_gather", options, mesh);
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
  ccl::Cut cut;
  cut.outer = view.outer;
  for (const ccl::Holding& holding : holdings) {
    cut.runs.push_back(holding.sizes[static_cast<std::size_t>(d)] * view.inner);
  }
  mesh.transport().all_gather(ccl::bytes_of(x), cut.scaled(static_cast<std::int64_t>(size_of(x.dtype()))),
                              ccl::mutable_bytes_of(result));
  return result;
}

}  // namespace ttx
