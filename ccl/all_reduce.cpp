// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "runtime/device_numerics/hop_sum.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx {

namespace {

/// Below this many values a second thread costs more to wake than it saves.
constexpr std::int64_t kGrain = 4096;

}  // namespace

Tensor all_reduce(const Tensor& x, CclOptions options) {
  ccl::check_options("all_reduce", options);
  ccl::check_partial("all_reduce", x);
  MeshDevice& mesh = MeshDevice::of(x);
  ccl::check_links("all_reduce", options, mesh);
  Tensor result = Tensor::rows(mesh, x.shape(), DataType::BFLOAT16, x.layout(), Placement::replicated());
  result.set_name(x.name());
  if (mesh.profile().numerics == Numerics::kDevice) {
    const ccl::PackedTerms packed(x);
    const auto slices = device_numerics::line_slices(x.shape(), mesh.num_devices());
    const std::span<bfloat16> sum = result.mutable_bf16();
    mesh.threads().parallel_for(std::ssize(sum), kGrain, [&](std::int64_t begin, std::int64_t end) {
      const auto count = static_cast<std::size_t>(end - begin);
      device_numerics::hop_sum(packed.terms, slices, begin,
                               sum.subspan(static_cast<std::size_t>(begin), count));
    });
  } else if (mesh.num_devices() == 1) {
    const std::array term = {x.f32().data()};
    tree_sum(term, result.mutable_bf16(), mesh.threads());
  } else {
    mesh.transport().all_reduce(x.f32(), result.mutable_bf16(), mesh.threads());
  }
  return result;
}

}  // namespace ttx
