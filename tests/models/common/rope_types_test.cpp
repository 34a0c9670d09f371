// SPDX-License-Identifier: Apache-2.0
// Every rope type against the tables of the transformers library (tests/fixtures/rope).
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/common/rope.hpp"
#include "models/common/rope_frequencies.hpp"
#include "models/hf/config.hpp"
#include "runtime/bfloat16.hpp"
#include "runtime/safetensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TTX_FIXTURES) / "rope";
constexpr double kEpsilon = std::numeric_limits<float>::epsilon();

struct Case {
  std::string name;
  hf::RopeConfig rope;
  std::int64_t head_dim = 0;
  std::int64_t length = 0;
  double attention_scaling = 0.0;
};

std::vector<Case> cases() {
  std::ifstream file(kFolder / "cases.json");
  std::vector<Case> all;
  for (const auto& item : nlohmann::json::parse(file)) {
    const hf::Config config = hf::Config::parse(item["config"].dump(), "config.json");
    const bool local = item["layer_type"] == "sliding_attention";
    all.push_back({.name = item["name"],
                   .rope = local ? config.rope_local : config.rope,
                   .head_dim = config.head_dim,
                   .length = item["sequence_length"],
                   .attention_scaling = item["attention_scaling"]});
  }
  return all;
}

std::vector<float> values(const Case& one, const char* what) {
  static const SafetensorsFile kFile = SafetensorsFile::open(kFolder / "tables.safetensors");
  return kFile.tensor(one.name + "." + what).to_floats();
}

std::vector<std::int64_t> positions(const Case& one) {
  return SafetensorsFile::open(kFolder / "tables.safetensors").int64s(one.name + ".positions");
}

TEST(RopeTypes, FrequenciesAreTheLibrarysToTwoUnits) {
  // The library's fp32 power and ours, rounded from double, may differ by a unit of the last place, and what
  // follows rounds the same way in both.
  ASSERT_GE(cases().size(), 17U);
  for (const Case& one : cases()) {
    const RopeFrequencies ours = rope_frequencies(one.rope, one.head_dim, one.length);
    const std::vector<float> theirs = values(one, "inv_freq");
    EXPECT_NEAR(ours.attention_scaling, one.attention_scaling, one.attention_scaling * kEpsilon) << one.name;
    ASSERT_EQ(ours.inverse.size(), theirs.size()) << one.name;
    for (std::size_t j = 0; j < theirs.size(); ++j) {
      EXPECT_NEAR(ours.inverse[j], theirs[j], 2.0 * kEpsilon * theirs[j]) << one.name << ", pair " << j;
    }
  }
}

/// A frequency that is off by two units turns position p by p times as much; cos and sin change by no more
/// than the angle, and the library's are good to a unit of their last place. Where the frequencies are equal
/// so are the angles.
TEST(RopeTypes, TablesAreTheLibrarysUpToTheLastPosition) {
  for (const Case& one : cases()) {
    const RopeTables tables = rope_tables(one.rope, one.head_dim, one.length);
    const std::vector<float> theirs = values(one, "inv_freq");
    const std::vector<float> frequencies = rope_frequencies(one.rope, one.head_dim, one.length).inverse;
    const auto half = static_cast<std::int64_t>(theirs.size());
    ASSERT_EQ(tables.cos.shape(), (Shape{1, 1, one.length, 2 * half})) << one.name;
    std::int64_t all = 0;
    std::int64_t equal = 0;
    std::int64_t other_bf16 = 0;
    for (const auto& [table, what] : {std::pair{&tables.cos, "cos"}, {&tables.sin, "sin"}}) {
      const std::vector<float> ours = table->to_floats();
      const std::vector<float> expected = values(one, what);
      std::size_t at = 0;
      for (const std::int64_t p : positions(one)) {
        for (std::int64_t i = 0; i < 2 * half; ++i) {
          const std::int64_t j = i % half;
          const float got = ours[static_cast<std::size_t>(p * 2 * half + i)];
          const float want = expected[at + static_cast<std::size_t>(j)];
          const bool same = frequencies[static_cast<std::size_t>(j)] == theirs[static_cast<std::size_t>(j)];
          const double angle =
              static_cast<double>(p) * static_cast<double>(theirs[static_cast<std::size_t>(j)]);
          const double tolerance = one.attention_scaling * ((same ? 0.0 : 2.5 * angle) + 1.5) * kEpsilon;
          ASSERT_NEAR(got, want, tolerance)
              << one.name << " " << what << ", position " << p << ", column " << i;
          ++all;
          equal += same ? 1 : 0;
          other_bf16 += same && to_bfloat16(got) != to_bfloat16(want) ? 1 : 0;
        }
        at += static_cast<std::size_t>(half);
      }
    }
    // Where the angles are equal no bfloat16 differs, and nearly all are.
    EXPECT_EQ(other_bf16, 0) << one.name;
    EXPECT_GE(equal * 100, 95 * all) << one.name;
  }
}

TEST(RopeTypes, LongropeGoesByTheLengthOfTheTable) {
  for (const Case& one : cases()) {
    if (one.rope.type == "longrope") {
      const std::int64_t original = one.rope.original_max_position_embeddings;
      EXPECT_EQ(rope_frequencies(one.rope, one.head_dim, original).inverse,
                rope_frequencies(one.rope, one.head_dim, 1).inverse);
      EXPECT_NE(rope_frequencies(one.rope, one.head_dim, original + 1).inverse,
                rope_frequencies(one.rope, one.head_dim, original).inverse);
    }
  }
}

TEST(RopeTypes, AnUnknownTypeIsRefused) {
  hf::RopeConfig rope;
  rope.type = "spiral";
  rope.theta = 1e4;
  test::expect_error(ExitCode::kCheckpoint, {"[rope] rope type: got \"spiral\"", "longrope"},
                     [&] { rope_tables(rope, 64, 8); });
  rope.type = "longrope";
  test::expect_error(ExitCode::kCheckpoint, {"longrope divisors: got 0, expected 32"},
                     [&] { rope_tables(rope, 64, 8); });
}

}  // namespace
}  // namespace ttx
