// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using EmbeddingTest = ThreadCounts;

TEST_P(EmbeddingTest, GathersRowsOfMappedAndCopiedTables) {
  constexpr std::int64_t kWidth = 2050;
  const std::vector<float> values = random_values(50 * kWidth, 1);
  std::vector<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < 70; ++i) {
    ids.push_back(i * 37 % 50);
  }
  std::vector<float> expected;
  for (const std::uint32_t id : ids) {
    expected.insert(expected.end(), values.begin() + id * kWidth, values.begin() + (id + 1) * kWidth);
  }
  const HostTensor host = HostTensor::from("table", {50, kWidth}, values);
  for (const Layout layout : {Layout::ROW_MAJOR, Layout::TILE}) {
    Upload how;
    how.layout = layout;
    const Tensor table = upload(device, host, how);
    EXPECT_EQ(table.format(), layout == Layout::TILE ? Format::kRows : Format::kMapped);
    const Tensor out = embedding(ids_on_device(device, ids), table);
    EXPECT_EQ(out.shape(), (Shape{1, 1, 70, kWidth}));
    EXPECT_EQ(out.layout(), Layout::TILE);
    EXPECT_TRUE(out.placement().is_replicated());
    expect_same_bits(values_of(out), expected, "rows");
    expect_same_bits(values_of(embedding(ids_on_device(device, {49}), table)),
                     {values.end() - kWidth, values.end()}, "last row");
  }
}

TEST_P(EmbeddingTest, MappedValuesAreRounded) {
  const HostTensor host =
      HostTensor::from("table", {2, 3}, std::vector<float>{0, 0, 0, 1.00390637F, 1.00390625F, -0.1F});
  Upload how;
  how.layout = Layout::ROW_MAJOR;
  const std::vector<float> out = values_of(embedding(ids_on_device(device, {1}), upload(device, host, how)));
  expect_same_bits(out, {1.0078125F, 1.0F, rounded(-0.1F)}, "rounded");
}

INSTANTIATE_TEST_SUITE_P(Threads, EmbeddingTest, ::testing::Values(1, 2, 3));

using EmbeddingErrors = OneDevice;

TEST_F(EmbeddingErrors, SayWhatToDo) {
  const Tensor ids = ids_on_device(device, {0, 1, 5});
  const auto table = [&](Placement placement = {}) {
    return random_tensor(device, {1, 1, 6, 4}, 1, placement);
  };
  const auto refuse = [](const Tensor& a, const Tensor& b, std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kFailure, pieces, [&] { embedding(a, b); });
  };
  refuse(ids_on_device(device, {0, 6}), table(),
         {"[embedding] id out of range at position 1: got 6, expected below 6"});
  refuse(table(), table(), {"ids: got tensor", "expected UINT32 ROW_MAJOR"});
  refuse(ids.reshaped({3}), table(), {"expected [1, 1, 1, S]"});
  refuse(ids.placed(Placement::sharded(3)), table(), {"ids must be replicated"});
  refuse(ids, table().reshaped({6, 4}), {"expected [1, 1, V, H]"});
  refuse(ids, table(Placement::sharded(2)), {"expected replicated or sharded on dim 3"});
  refuse(ids, weight_on_device(device, 6, 4, random_values(24, 1)), {"do not transpose"});
  refuse(Tensor(), table(), {"empty tensor"});
  EXPECT_TRUE(embedding(ids, table(Placement::sharded(3))).placement().is_sharded(3));
}

}  // namespace
}  // namespace ttx::test
