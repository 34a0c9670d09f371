// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "runtime/error.hpp"

namespace ttx {

Tensor broadcast(const Tensor& x, int root, CclOptions options) {
  ccl::check_options("broadcast", options);
  ccl::check_rows("broadcast", x);
  TTX_CHECK(
      x.placement().is_replicated(), "broadcast",
      "input is a piece or a term of something else: got {}, expected it replicated; gather or reduce it",
      x.describe());
  MeshDevice& mesh = MeshDevice::of(x);
  ccl::check_links("broadcast", options, mesh);
  TTX_CHECK(root >= 0 && root < mesh.num_devices(), "broadcast", "no such device: got {}, expected 0 to {}",
            root, mesh.num_devices() - 1);
  if (mesh.num_devices() == 1) {
    return x;
  }
  ccl::check_alike("broadcast", ccl::exchange_holdings(mesh, ccl::Holding::of(x.shape(), x.dtype())), -1);
  Tensor result = Tensor::rows(mesh, x.shape(), x.dtype(), x.layout(), Placement::replicated());
  result.set_name(x.name());
  const std::span<std::byte> out = ccl::mutable_bytes_of(result);
  if (mesh.line_index() == root) {
    std::ranges::copy(ccl::bytes_of(x), out.begin());
  }
  mesh.transport().broadcast(out, root);
  return result;
}

}  // namespace ttx
