// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using GatedLinearUnits = ThreadCounts;

/// The two halves of the last dim.
struct Halves {
  explicit Halves(const Tensor& x) {
    const Shape& s = x.shape();
    const std::int64_t width = s[3] / 2;
    a = slice(x, {0, 0, 0, 0}, {s[0], s[1], s[2], width});
    b = slice(x, {0, 0, 0, width}, {s[0], s[1], s[2], 2 * width});
  }
  Tensor a, b;
};

TEST_P(GatedLinearUnits, AreProductsWithTheActivationOfTheSecondHalf) {
  for (const auto numerics : {Numerics::kExact, Numerics::kDevice}) {
    DeviceProfile profile = wormhole_profile(1);
    profile.numerics = numerics;
    Device where{profile, device.threads().size()};
    for (const Shape& shape : {Shape{1, 1, 1, 2}, Shape{1, 1, 1, 6144}, Shape{2, 3, 5, 66},
                               Shape{1, 1, 7, 4098}, Shape{1, 1, 130, 2048}}) {
      const Tensor x = random_tensor(where, shape, 1);
      const Halves halves(x);
      const std::vector<std::pair<Tensor, Tensor>> cases = {
          {swiglu(x), mul(halves.a, silu(halves.b))},
          {geglu(x), mul(halves.a, gelu(halves.b))},
          {geglu(x, GeluApproximation::kTanh), mul(halves.a, gelu(halves.b, GeluApproximation::kTanh))}};
      for (const auto& [together, apart] : cases) {
        EXPECT_EQ(together.shape(), shape.with(-1, shape[3] / 2));
        expect_same_bits(values_of(together), values_of(apart), shape.to_string());
      }
    }
  }
  EXPECT_TRUE(
      swiglu(random_tensor(device, {1, 1, 2, 64}, 1, Placement::sharded(3))).placement().is_sharded(3));
}

INSTANTIATE_TEST_SUITE_P(Threads, GatedLinearUnits, ::testing::Values(1, 2, 3));

using GatedLinearUnitsErrors = OneDevice;

TEST_F(GatedLinearUnitsErrors, SayWhatToDo) {
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[swiglu] x: got", "expected an even last dim"}, [&] {
    swiglu(random_tensor(device, {1, 1, 2, 5}, 1));
  });
  refuse({"[geglu] x is an empty tensor"}, [&] { geglu(Tensor()); });
  refuse({"[swiglu] x is partial", "all_reduce first"}, [&] {
    swiglu(random_tensor(device, {1, 1, 2, 4}, 1).placed(Placement::partial()));
  });
}

}  // namespace
}  // namespace ttx::test
