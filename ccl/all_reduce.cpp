// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "ccl/ccl.hpp"
#include "ccl/collective.hpp"
#include "runtime/error.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx {
namespace {

/// As long as what a device receives stays below this, everyone gets every term: one collective instead of
/// two. Above, everyone adds a slice. Measured on shared memory with 4 and 8 ranks on two cores: the two meet
/// at 32 KiB received.
constexpr std::int64_t kGatherBytes = 32 * 1024;
/// Elements of one exchange of slices: bounds the buffer and keeps it in cache.
constexpr std::int64_t kRound = 1 << 20;
/// Slices begin on a cache line of fp32.
constexpr std::int64_t kSliceUnit = 16;

using Terms = std::array<const float*, ccl::kMaxDevices>;

void gather_and_add(MeshDevice& mesh, std::span<const float> x, std::span<bfloat16> out) {
  const auto devices = static_cast<std::size_t>(mesh.num_devices());
  const std::span<float> received = mesh.scratch().take<float>(devices * x.size());
  mesh.line().all_gather(std::as_bytes(x), std::as_writable_bytes(received));
  Terms terms{};
  for (std::size_t device = 0; device < devices; ++device) {
    terms[device] = received.data() + device * x.size();
  }
  tree_sum(std::span(terms).first(devices), out, mesh.threads());
}

/// Device i adds slice i of everyone, rounds it, and everyone collects the rounded slices.
void exchange_slices(MeshDevice& mesh, std::span<const float> x, std::span<bfloat16> out) {
  const int devices = mesh.num_devices();
  const auto used = static_cast<std::size_t>(devices);
  const std::int64_t units = round_up(std::ssize(x), kSliceUnit) / kSliceUnit;
  const auto slice_begin = [&](int device) {
    return std::min(std::ssize(x), device * units / devices * kSliceUnit);
  };
  const std::int64_t begin = slice_begin(mesh.line_index());
  const std::int64_t own = slice_begin(mesh.line_index() + 1) - begin;

  std::array<std::int64_t, ccl::kMaxDevices> sent{};
  std::array<std::int64_t, ccl::kMaxDevices> received_lengths{};
  std::array<std::int64_t, ccl::kMaxDevices> rounded{};
  for (int device = 0; device < devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const std::int64_t size = slice_begin(device + 1) - slice_begin(device);
    sent[d] = size * std::int64_t{sizeof(float)};
    received_lengths[d] = own * std::int64_t{sizeof(float)};
    rounded[d] = size * std::int64_t{sizeof(bfloat16)};
  }

  const auto own_size = static_cast<std::size_t>(own);
  const std::span<float> received = mesh.scratch().take<float>(used * own_size);
  mesh.line().all_to_all_v(std::as_bytes(x), std::span(sent).first(used), std::as_writable_bytes(received),
                           std::span(received_lengths).first(used));
  Terms terms{};
  for (std::size_t device = 0; device < used; ++device) {
    terms[device] = received.data() + device * own_size;
  }
  const std::span<bfloat16> sum = out.subspan(static_cast<std::size_t>(begin), own_size);
  tree_sum(std::span(terms).first(used), sum, mesh.threads());
  mesh.line().all_gather_v(std::as_bytes(sum), std::as_writable_bytes(out), std::span(rounded).first(used));
}

}  // namespace

Tensor all_reduce(const Tensor& x, CclOptions options) {
  ccl::check_options("all_reduce", options);
  ccl::check_partial("all_reduce", x);
  MeshDevice& mesh = MeshDevice::of(x);
  Tensor result = Tensor::rows(mesh, x.shape(), DataType::BFLOAT16, x.layout(), Placement::replicated());
  result.set_name(x.name());

  const std::span<const float> in = x.f32();
  const std::span<bfloat16> out = result.mutable_bf16();
  if (mesh.num_devices() == 1) {
    const std::array term = {in.data()};
    tree_sum(term, out, mesh.threads());
  } else if (mesh.num_devices() * std::ssize(std::as_bytes(in)) <= kGatherBytes) {
    gather_and_add(mesh, in, out);
  } else {
    for (std::size_t begin = 0; begin < in.size(); begin += kRound) {
      const std::size_t size = std::min(in.size() - begin, static_cast<std::size_t>(kRound));
      exchange_slices(mesh, in.subspan(begin, size), out.subspan(begin, size));
    }
  }
  return result;
}

}  // namespace ttx
