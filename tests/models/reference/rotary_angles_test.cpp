// SPDX-License-Identifier: Apache-2.0
// Rotary angles of every rope type against those of the transformers library (tests/fixtures/rope).
#include "models/reference/rotary_angles.hpp"

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/config.hpp"
#include "models/reference/rotary_frequencies.hpp"
#include "tests/models/reference/fixture.hpp"

namespace ttx::reference {
namespace {

/// Two correctly rounded powers, or powers that miss by one place, and the products after them.
constexpr double kFrequencyError = 0x1p-21;
constexpr double kValueError = 0x1p-21;

TEST(RotaryAngles, AreThoseOfTheLibrary) {
  const auto cases = nlohmann::json::parse(std::ifstream(test::fixture("rope") / "cases.json"));
  const SafetensorsFile tables = SafetensorsFile::open(test::fixture("rope") / "tables.safetensors");
  for (const auto& one : cases) {
    const auto name = one.at("name").get<std::string>();
    SCOPED_TRACE(name);
    const hf::Config config = hf::Config::parse(one.at("config").dump(), name);
    const hf::RopeConfig& rope =
        one.at("layer_type") == "sliding_attention" ? config.rope_local : config.rope;
    const auto length = one.at("sequence_length").get<std::int64_t>();
    const auto inv_freq = tables.tensor(name + ".inv_freq").to_floats();
    const auto cos = tables.tensor(name + ".cos").to_floats();
    const auto sin = tables.tensor(name + ".sin").to_floats();
    const auto positions = tables.int64s(name + ".positions");

    const std::vector<float> frequencies = inverse_frequencies(rope, config.head_dim, length);
    ASSERT_EQ(frequencies.size(), inv_freq.size());
    for (std::size_t j = 0; j < frequencies.size(); ++j) {
      EXPECT_NEAR(frequencies[j], inv_freq[j], kFrequencyError * static_cast<double>(inv_freq[j])) << j;
    }
    const auto scaling = one.at("attention_scaling").get<double>();
    EXPECT_NEAR(attention_scaling(rope), scaling, 1e-6);

    RotaryAngles angles(rope, config.head_dim);
    ASSERT_EQ(angles.rotary_dim(), 2 * static_cast<std::int64_t>(inv_freq.size()));
    for (std::size_t p = 0; p < positions.size(); ++p) {
      const std::int64_t position = positions[p];
      // With the frequencies of the whole sequence; those of other types do not depend on it.
      const bool by_length = rope.type == "longrope" || rope.type == "dynamic";
      angles.prepare(position, by_length ? length : position + 1);
      for (std::size_t j = 0; j < inv_freq.size(); ++j) {
        const double angle = static_cast<double>(position) * static_cast<double>(inv_freq[j]);
        const double error = scaling * (kValueError + angle * 2 * kFrequencyError);
        const std::size_t at = p * inv_freq.size() + j;
        ASSERT_NEAR(angles.cos_at(position)[j], cos[at], error) << position << ", " << j;
        ASSERT_NEAR(angles.sin_at(position)[j], sin[at], error) << position << ", " << j;
      }
    }
  }
}

TEST(RotaryAngles, BeginAtTheCall) {
  hf::RopeConfig rope;
  rope.theta = 10000.0;
  RotaryAngles angles(rope, 4);
  angles.prepare(5, 8);
  for (std::int64_t position = 5; position < 8; ++position) {
    EXPECT_EQ(angles.cos_at(position)[0], std::cos(static_cast<float>(position)));
    EXPECT_EQ(angles.sin_at(position)[1], std::sin(static_cast<float>(position) * (1.0F / 100.0F)));
  }
}

}  // namespace
}  // namespace ttx::reference
