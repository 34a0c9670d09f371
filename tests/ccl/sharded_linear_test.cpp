// SPDX-License-Identifier: Apache-2.0
// The same linear layer on this mesh and on one device: the promise that all models rest on.
#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "ccl/mesh_mapper.hpp"
#include "runtime/ops.hpp"
#include "runtime/tree_sum.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"

namespace ttx {
namespace {

using test::world;

struct Sizes {
  std::int64_t m, k, n;
};

HostTensor values(const char* name, const Shape& shape, std::uint64_t seed) {
  return HostTensor::from(name, shape, test::terms_of(seed, 1, static_cast<std::size_t>(shape.volume())));
}

/// On one device, without any of ccl/: the row-parallel sum in its canonical blocks.
std::vector<std::uint16_t> on_one_device(Device& device, const HostTensor& x, const HostTensor& w,
                                         const Sizes& sizes, DataType dtype = DataType::BFLOAT16) {
  const ShardPlan plan(1);
  Upload rows;
  rows.use = MemoryUse::kActivations;
  rows.placement = Placement::sharded(3);
  rows.piece = {0, sizes.k};
  Upload weight;
  weight.dtype = dtype;
  weight.placement = Placement::sharded(2);
  weight.piece = {0, sizes.k};
  weight.sum_blocks = plan.sum_blocks(sizes.k, 0, "test");
  const Tensor partial = linear(upload(device, x, rows), upload(device, w.transposed(), weight));
  std::vector<bfloat16> rounded(partial.f32().size());
  const std::array term = {partial.f32().data()};
  tree_sum(term, rounded, device.threads());
  return test::bits_of(rounded);
}

class ShardedLinear : public testing::TestWithParam<Sizes> {};

TEST_P(ShardedLinear, ByRowsThenAllReduceHasTheBitsOfOneDevice) {
  const auto mesh = test::open_whole_mesh(world());
  const Sizes sizes = GetParam();
  const HostTensor x = values("x", {1, 1, sizes.m, sizes.k}, 1);
  const HostTensor w = values("w", {sizes.n, sizes.k}, 2);
  const Tensor local_x = from_host(x, ShardTensorToMesh(*mesh, 3), {.use = MemoryUse::kActivations});
  const Tensor local_w = from_host(w.transposed(), ShardTensorToMesh(*mesh, 2));
  const Tensor sum = all_reduce(linear(local_x, local_w));
  EXPECT_EQ(sum.shape(), (Shape{1, 1, sizes.m, sizes.n}));
  Device single(wormhole_profile(1), 1);
  const auto expected = on_one_device(single, x, w, sizes);
  const auto actual = test::bits_of(sum.bf16());
  if (8 % mesh->num_devices() == 0) {
    EXPECT_EQ(actual, expected);
  } else {
    // Other counts add other blocks: close, not equal. K products of up to 2^26, each summed with an error of
    // 2^-24, and one rounding to 8 bits.
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const float want = to_float({expected[i]});
      EXPECT_NEAR(to_float({actual[i]}), want, std::abs(want) * 0x1p-7F + static_cast<float>(sizes.k) * 4.0F);
    }
  }
}

TEST_P(ShardedLinear, ByColumnsThenToHostHasTheBitsOfOneDevice) {
  const auto mesh = test::open_whole_mesh(world());
  const Sizes sizes = GetParam();
  const HostTensor x = values("x", {1, 1, sizes.m, sizes.k}, 1);
  const HostTensor w = values("w", {sizes.n, sizes.k}, 2);
  const Tensor local_x = from_host(x, ReplicateTensorToMesh(*mesh), {.use = MemoryUse::kActivations});
  const Tensor local_w = from_host(w.transposed(), ShardTensorToMesh(*mesh, 3));
  const HostTensor b = values("b", {sizes.n}, 3);
  const Tensor local_b = from_host(b, ShardTensorToMesh(*mesh, -1));
  const HostTensor logits = to_host(linear(local_x, local_w), ConcatMeshToTensor(*mesh, 3));
  const HostTensor biased =
      to_host(linear(local_x, local_w, {.bias = local_b}), ConcatMeshToTensor(*mesh, 3));
  if (mesh->line_index() != 0) {
    return;
  }
  Device single(wormhole_profile(1), 1);
  Upload plain;
  plain.use = MemoryUse::kActivations;
  const Tensor whole_x = upload(single, x, plain);
  const Tensor whole_w = upload(single, w.transposed(), Upload{});
  EXPECT_EQ(logits.to_floats(), download(linear(whole_x, whole_w)).to_floats());
  const Tensor expected = linear(whole_x, whole_w, {.bias = upload(single, b, Upload{})});
  EXPECT_EQ(biased.to_floats(), download(expected).to_floats());
}

TEST_P(ShardedLinear, BlockFloatsHaveTheBitsOfOneDevice) {
  const auto mesh = test::open_whole_mesh(world());
  const Sizes sizes = GetParam();
  const HostTensor x = values("x", {1, 1, sizes.m, sizes.k}, 1);
  const HostTensor w = values("w", {sizes.n, sizes.k}, 2);
  for (const DataType dtype : {DataType::BFLOAT8_B, DataType::BFLOAT4_B}) {
    const Tensor local_x = from_host(x, ShardTensorToMesh(*mesh, 3), {.use = MemoryUse::kActivations});
    const Tensor rows = from_host(w.transposed(), ShardTensorToMesh(*mesh, 2), {.dtype = dtype});
    const Tensor sum = all_reduce(linear(local_x, rows));
    const Tensor whole_x = from_host(x, ReplicateTensorToMesh(*mesh), {.use = MemoryUse::kActivations});
    const Tensor columns = from_host(w.transposed(), ShardTensorToMesh(*mesh, 3), {.dtype = dtype});
    const HostTensor logits = to_host(linear(whole_x, columns), ConcatMeshToTensor(*mesh, 3));
    const HostTensor weight = to_host(columns, ConcatMeshToTensor(*mesh, 3));

    Device single(wormhole_profile(1), 1);
    if (8 % mesh->num_devices() == 0) {
      EXPECT_EQ(test::bits_of(sum.bf16()), on_one_device(single, x, w, sizes, dtype));
    }
    if (mesh->line_index() == 0) {
      Upload plain;
      plain.use = MemoryUse::kActivations;
      Upload how;
      how.dtype = dtype;
      const Tensor whole = upload(single, w.transposed(), how);
      EXPECT_EQ(logits.to_floats(), download(linear(upload(single, x, plain), whole)).to_floats());
      EXPECT_EQ(weight.to_floats(), download(whole).to_floats());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ShardedLinear,
                         testing::Values(Sizes{1, 256, 512},   //
                                         Sizes{5, 1024, 288},  // columns in uneven shards, nine units
                                         Sizes{3, 100, 300},   // K in units of two
                                         Sizes{40, 2000, 264}),
                         [](const auto& param) { return "case_" + std::to_string(param.index); });

}  // namespace
}  // namespace ttx
