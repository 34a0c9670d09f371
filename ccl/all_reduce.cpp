// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx {

Tensor all_reduce(const Tensor& x, CclOptions options) {
  ccl::check_options("all_reduce", options);
  ccl::check_partial("all_reduce", x);
  MeshDevice& mesh = MeshDevice::of(x);
  ccl::check_links("all_reduce", options, mesh);
  Tensor result = Tensor::rows(mesh, x.shape(), DataType::BFLOAT16, x.layout(), Placement::replicated());
  result.set_name(x.name());
  if (mesh.num_devices() == 1) {
    const std::array term = {x.f32().data()};
    tree_sum(term, result.mutable_bf16(), mesh.threads());
  } else {
    mesh.transport().all_reduce(x.f32(), result.mutable_bf16(), mesh.threads());
  }
  return result;
}

}  // namespace ttx
