// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "ccl/pieces.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx {

Tensor reduce_scatter(const Tensor& x, int dim, CclOptions options) {
  ccl::check_options("reduce_scatter", options);
  ccl::check_partial("reduce_scatter", x);
  const int d = normalize_dim(dim, x.shape().rank(), "reduce_scatter");
  MeshDevice& mesh = MeshDevice::of(x);
  const ccl::DimView view = ccl::view_of(x.shape(), d);
  const int devices = mesh.num_devices();

  std::vector<std::int64_t> runs;
  std::vector<std::int64_t> sent;
  for (int device = 0; device < devices; ++device) {
    const Range piece = mesh.plan().piece(view.extent, device, "reduce_scatter dim " + std::to_string(d));
    runs.push_back(piece.size() * view.inner * std::int64_t{sizeof(float)});
    sent.push_back(view.outer * runs.back());
  }
  const std::int64_t own_bytes = sent[static_cast<std::size_t>(mesh.line_index())];
  const std::vector<std::int64_t> received_lengths(static_cast<std::size_t>(devices), own_bytes);
  const std::int64_t own_extent =
      runs[static_cast<std::size_t>(mesh.line_index())] / (view.inner * std::int64_t{sizeof(float)});
  Tensor result = Tensor::rows(mesh, x.shape().with(d, own_extent), DataType::BFLOAT16, x.layout(),
                               Placement::sharded(d));
  result.set_name(x.name());
  const std::span<bfloat16> out = result.mutable_bf16();

  std::array<const float*, ccl::kMaxDevices> terms{};
  const auto used = static_cast<std::size_t>(devices);
  if (devices == 1) {
    terms[0] = x.f32().data();
    tree_sum(std::span(terms).first(1), out, mesh.threads());
    return result;
  }

  // One buffer: what arrives, then, unless rows are cut nowhere but at their ends, what is sent.
  const bool in_order = view.outer == 1;
  const std::size_t arriving = used * out.size();
  const std::span<float> buffer = mesh.scratch().take<float>(arriving + (in_order ? 0 : x.f32().size()));
  std::span<const std::byte> sending = std::as_bytes(x.f32());
  if (!in_order) {
    const std::span<std::byte> pieces = std::as_writable_bytes(buffer.subspan(arriving));
    ccl::split_pieces(sending, runs, view.outer, pieces);
    sending = pieces;
  }
  mesh.line().all_to_all_v(sending, sent, std::as_writable_bytes(buffer.first(arriving)), received_lengths);
  for (std::size_t device = 0; device < used; ++device) {
    terms[device] = buffer.data() + device * out.size();
  }
  tree_sum(std::span(terms).first(used), out, mesh.threads());
  return result;
}

}  // namespace ttx
