// SPDX-License-Identifier: Apache-2.0
//
// The same logits, bit for bit, with every instruction set that this processor has.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "kernels/table.hpp"
#include "tests/models/family/logits_hashes.hpp"

namespace ttx::test {
namespace {

using kernels::Isa;

class IsaInvariance : public testing::TestWithParam<std::tuple<std::string, Isa>> {
 protected:
  void SetUp() override {
    if (!isa_supported(isa_)) {
      GTEST_SKIP() << "THIS PROCESSOR HAS NO " << isa_name(isa_) << ": NOT TESTED HERE";
    }
  }
  void expect_same(const std::string& path) const {
    EXPECT_EQ(logits_hashes(checkpoint_, {1, "1x1", 2, path, std::string(isa_name(isa_))}),
              uncut_logits_hashes(checkpoint_));
  }

 private:
  const std::string checkpoint_ = std::get<std::string>(GetParam());
  const Isa isa_ = std::get<Isa>(GetParam());
};

TEST_P(IsaInvariance, Prefill) { expect_same("prefill"); }
TEST_P(IsaInvariance, TokenByToken) { expect_same("decode"); }

INSTANTIATE_TEST_SUITE_P(Checkpoints, IsaInvariance,
                         testing::Combine(testing::Values("qwen3-odd-a", "qwen3-odd-b"),
                                          testing::ValuesIn(kernels::kEveryIsa)),
                         [](const auto& set) {
                           const std::string checkpoint = std::get<std::string>(set.param);
                           return checkpoint.substr(checkpoint.size() - 1) + "_" +
                                  std::string(isa_name(std::get<Isa>(set.param)));
                         });

}  // namespace
}  // namespace ttx::test
