// SPDX-License-Identifier: Apache-2.0
#include "models/reference/reference_tokens.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/reference/fixture.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::reference {
namespace {

TEST(Certainty, MarginTopAndEntropy) {
  const std::vector<float> logits{1, 5, 2, 4.5F};
  const Certainty best = certainty(logits, 1);
  EXPECT_EQ(best.margin, 0.5F);
  EXPECT_EQ(best.top_logit, 5.0F);
  double total = 0;
  for (const float logit : logits) {
    total += std::exp(static_cast<double>(logit));
  }
  double entropy = 0;
  for (const float logit : logits) {
    const double p = std::exp(static_cast<double>(logit)) / total;
    entropy -= p * std::log(p);
  }
  EXPECT_NEAR(best.entropy, entropy, 1e-6);
  EXPECT_EQ(certainty(logits, 3).margin, -0.5F);
  EXPECT_EQ(certainty(logits, 3).top_logit, 5.0F);
}

TEST(Certainty, Extremes) {
  const std::vector<float> even(1000, 3.0F);
  EXPECT_EQ(certainty(even, 999).margin, 0.0F);
  EXPECT_NEAR(certainty(even, 0).entropy, std::log(1000.0), 1e-5);
  const std::vector<float> sure{-3e38F, 3e38F, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(certainty(sure, 1).entropy, 0.0F);
  const std::vector<float> one{4};
  EXPECT_EQ(certainty(one, 0).margin, std::numeric_limits<float>::infinity());
  EXPECT_EQ(certainty(one, 0).entropy, 0.0F);
  test::expect_error(ExitCode::kFailure, {"token 1 has no logit"}, [&] { certainty(one, 1); });
  test::expect_error(ExitCode::kFailure, {"token -1"}, [&] { certainty(one, -1); });
}

TEST(ReferenceTokens, FromTheLibrarysLogits) {
  const Reference reference = read_reference(test::fixture("qwen3-odd-a") / "reference.safetensors");
  const ReferenceTokens tokens = tokens_of(reference);
  EXPECT_EQ(tokens.target_ids, reference.target_ids);
  EXPECT_EQ(tokens.prompt_ids, reference.prompt_ids);
  ASSERT_EQ(tokens.margin.size(), reference.target_ids.size());
  for (std::size_t i = 0; i < tokens.margin.size(); ++i) {
    EXPECT_GE(tokens.margin[i], 1e-2F);  // the fixtures' script asks for it
    EXPECT_GT(tokens.entropy[i], 0.0F);
    EXPECT_LT(tokens.entropy[i], std::log(331.0F));
  }
}

TEST(ReferenceTokens, NeedLogits) {
  Reference reference;
  reference.prompt_ids = {1};
  test::expect_error(ExitCode::kFailure, {"has no logits"}, [&] { tokens_of(reference); });
}

}  // namespace
}  // namespace ttx::reference
