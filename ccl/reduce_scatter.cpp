// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "ccl/pieces.hpp"
#include "runtime/device_numerics/hop_sum.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx {

Tensor reduce_scatter(const Tensor& x, int dim, CclOptions options) {
  ccl::check_options("reduce_scatter", options);
  ccl::check_partial("reduce_scatter", x);
  const int d = normalize_dim(dim, x.shape().rank(), "reduce_scatter");
  MeshDevice& mesh = MeshDevice::of(x);
  ccl::check_links("reduce_scatter", options, mesh);
  const ccl::DimView view = ccl::view_of(x.shape(), d);

  ccl::Cut cut;
  cut.outer = view.outer;
  for (int device = 0; device < mesh.num_devices(); ++device) {
    const Range piece = mesh.plan().piece(view.extent, device, "reduce_scatter dim " + std::to_string(d));
    cut.runs.push_back(piece.size() * view.inner);
  }
  const std::int64_t own_extent = cut.runs[static_cast<std::size_t>(mesh.line_index())] / view.inner;
  Tensor result = Tensor::rows(mesh, x.shape().with(d, own_extent), DataType::BFLOAT16, x.layout(),
                               Placement::sharded(d));
  result.set_name(x.name());
  if (mesh.profile().numerics == Numerics::kDevice) {
    const ccl::PackedTerms packed(x);
    const auto device = static_cast<std::size_t>(mesh.line_index());
    ccl::for_part_of_piece(
        cut, device, 0, result.shape().volume(),
        [&](std::int64_t at, std::int64_t whole, std::int64_t length) {
          device_numerics::hop_sum(
              packed.terms, mesh.line_index(), whole,
              result.mutable_bf16().subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(length)));
        });
  } else if (mesh.num_devices() == 1) {
    const std::array term = {x.f32().data()};
    tree_sum(term, result.mutable_bf16(), mesh.threads());
  } else {
    mesh.transport().reduce_scatter(x.f32(), cut, result.mutable_bf16(), mesh.threads());
  }
  return result;
}

}  // namespace ttx
