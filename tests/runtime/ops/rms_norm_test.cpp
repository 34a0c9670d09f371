// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

std::vector<float> reference(const std::vector<float>& x, const std::vector<float>& weight, float epsilon) {
  const std::size_t width = weight.size();
  std::vector<float> out;
  for (std::size_t row = 0; row < x.size() / width; ++row) {
    std::vector<float> lanes(16, 0.0F);
    for (std::size_t j = 0; j < width; ++j) {
      lanes[j % 16] += x[row * width + j] * x[row * width + j];
    }
    for (const std::size_t distance : {8U, 4U, 2U, 1U}) {
      for (std::size_t i = 0; i < distance; ++i) {
        lanes[i] += lanes[i + distance];
      }
    }
    const float factor = 1.0F / std::sqrt(lanes[0] / static_cast<float>(width) + epsilon);
    for (std::size_t j = 0; j < width; ++j) {
      out.push_back(rounded(x[row * width + j] * factor * weight[j]));
    }
  }
  return out;
}

using RmsNormTest = ThreadCounts;

TEST_P(RmsNormTest, MatchesTheDocumentedOrder) {
  for (const std::int64_t width : {1, 2, 15, 16, 17, 100, 128, 1024, 3001}) {
    for (const std::int64_t rows : {1, 2, 33, 70}) {
      const std::vector<float> x = random_values(rows * width, 1);
      const std::vector<float> weight = random_values(width, 2);
      const Tensor g = on_device(device, {1, 1, 1, width}, weight);
      const Tensor out = rms_norm(on_device(device, {1, 1, rows, width}, x), g, 1e-6F);
      EXPECT_EQ(out.shape(), (Shape{1, 1, rows, width}));
      expect_same_bits(values_of(out), reference(x, weight, 1e-6F), out.describe());
    }
  }
}

TEST_P(RmsNormTest, WorksPerHeadAndKeepsThePlacement) {
  const std::vector<float> x = random_values(3 * 5 * 64, 3);
  const std::vector<float> weight = random_values(64, 4);
  const Tensor out = rms_norm(on_device(device, {1, 3, 5, 64}, x, Placement::sharded(1)),
                              on_device(device, {64}, weight), 1e-5F);
  EXPECT_TRUE(out.placement().is_sharded(1));
  expect_same_bits(values_of(out), reference(x, weight, 1e-5F), "per head");
}

INSTANTIATE_TEST_SUITE_P(Threads, RmsNormTest, ::testing::Values(1, 2, 3));

using RmsNormErrors = OneDevice;

TEST_F(RmsNormErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 4, 8}, 1);
  const Tensor g = random_tensor(device, {1, 1, 1, 8}, 2);
  const auto refuse = [](const Tensor& a, const Tensor& b, std::initializer_list<std::string_view> pieces,
                         float epsilon = 1e-6F) {
    expect_error(ExitCode::kFailure, pieces, [&] { rms_norm(a, b, epsilon); });
  };
  refuse(x, random_tensor(device, {1, 1, 1, 7}, 2), {"[rms_norm] weight", "expected [1, 1, 1, 8]"});
  refuse(x, random_tensor(device, {1, 1, 2, 8}, 2), {"expected [1, 1, 1, 8]"});
  refuse(x, g.placed(Placement::sharded(3)), {"weight must be replicated", "ReplicateTensorToMesh"});
  refuse(x.placed(Placement::sharded(3)), g, {"must be whole", "all_gather first"});
  refuse(x.placed(Placement::partial()), g, {"x is partial", "all_reduce first"});
  refuse(Tensor(), g, {"x is an empty tensor"});
  refuse(x, g, {"epsilon: got -1"}, -1.0F);
  refuse(x, g, {"epsilon: got nan"}, NAN);
  Upload table;
  table.layout = Layout::ROW_MAJOR;
  refuse(x, upload(device, HostTensor::from("norm", {8}, random_values(8, 1)), table),
         {"mapped table 'norm'", "BFLOAT16 TILE"});
}

}  // namespace
}  // namespace ttx::test
