// SPDX-License-Identifier: Apache-2.0
// The built-in reference against what the transformers library computed in fp32 (tests/fixtures).
#include "models/reference/decoder_reference.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/hf/checkpoint.hpp"
#include "models/reference/greedy.hpp"
#include "runtime/error.hpp"
#include "tests/models/reference/fixture.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::reference {
namespace {

using test::LibraryResult;
using test::worst_row_error;

// Twice the worst that any instruction set has shown.
constexpr double kTolerance = 1e-5;

/// Of all rows compared so far.
double& worst_error() {
  static double worst = 0;
  return worst;
}

/// Rows of `width` values against the library's.
void expect_rows(std::span<const float> got, std::span<const float> expected, std::int64_t width) {
  const double error = worst_row_error(got, expected, width);
  EXPECT_LE(error, kTolerance);
  worst_error() = std::max(worst_error(), error);
}

class AgainstTheLibrary : public ::testing::Test {
 protected:
  static void TearDownTestSuite() {
    std::printf("the worst row is off by %.2e of its largest value\n", worst_error());
  }
};

class DecoderReferenceTest : public AgainstTheLibrary,
                             public ::testing::WithParamInterface<std::tuple<std::string, const Fp32Math*>> {
 protected:
  const std::string name_ = std::get<0>(GetParam());
  const LibraryResult library_{name_};
  const hf::Checkpoint checkpoint_ = hf::Checkpoint::open(test::fixture(name_));
  DecoderReference model_{checkpoint_, static_cast<std::int64_t>(library_.fed().size()),
                          *std::get<1>(GetParam())};
};

TEST_P(DecoderReferenceTest, OneCallOverEverything) {
  const auto width = static_cast<std::size_t>(model_.vocab_size());
  std::vector<std::int32_t> ids = library_.fed();
  std::vector<float> expected = library_.prompt_logits;
  expected.resize(expected.size() - width);  // the last one is targets' first
  expected.insert(expected.end(), library_.logits.begin(), library_.logits.end());
  // Beyond this length all positions have other rotary divisors than the library's prompt had.
  const bool is_cut = name_ == "phi3-odd";
  if (is_cut) {
    ids.resize(static_cast<std::size_t>(checkpoint_.config().rope.original_max_position_embeddings));
    expected.resize(ids.size() * width);
  }
  const auto rows = static_cast<std::int64_t>(ids.size());
  const ForwardOutput output = model_.forward(ids, rows, HiddenStates::kKeep);
  expect_rows(output.logits, expected, model_.vocab_size());
  if (!is_cut) {
    expect_rows(output.hidden_states, library_.hidden_states, model_.hidden_size());
  }
  EXPECT_EQ(model_.position(), rows);
}

TEST_P(DecoderReferenceTest, PromptThenTokenByToken) {
  std::vector<float> logits = model_.forward(library_.prompt).logits;
  for (std::size_t i = 0; i + 1 < library_.targets.size(); ++i) {
    const ForwardOutput step = model_.forward(std::span(library_.targets).subspan(i, 1));
    EXPECT_TRUE(step.hidden_states.empty());
    logits.insert(logits.end(), step.logits.begin(), step.logits.end());
  }
  expect_rows(logits, library_.logits, model_.vocab_size());
}

TEST_P(DecoderReferenceTest, GeneratesWhatTheLibraryDoes) {
  const auto count = static_cast<std::int64_t>(library_.targets.size());
  const GreedyResult result =
      generate_reference(model_, library_.prompt, {.max_new_tokens = count, .min_new_tokens = count},
                         Keep::kLogitsAndHiddenStates);
  EXPECT_EQ(result.tokens.target_ids, library_.targets);
  expect_rows(result.reference.logits.to_floats(), library_.logits, model_.vocab_size());
  expect_rows(result.reference.hidden_states.to_floats(), library_.hidden_states, model_.hidden_size());
}

TEST_P(DecoderReferenceTest, PromptInPieces) {
  const std::span<const std::int32_t> prompt(library_.prompt);
  for (const std::size_t first : {std::size_t{1}, prompt.size() / 2}) {
    model_.reset();
    std::vector<float> logits = model_.forward(prompt.first(first), static_cast<std::int64_t>(first)).logits;
    const std::span<const std::int32_t> rest = prompt.subspan(first);
    const std::vector<float> more = model_.forward(rest, static_cast<std::int64_t>(rest.size())).logits;
    logits.insert(logits.end(), more.begin(), more.end());
    SCOPED_TRACE(first);
    expect_rows(logits, library_.prompt_logits, model_.vocab_size());
  }
}

std::string test_name(std::string name, const Fp32Math& math) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name + "_" + std::string(math.name);
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, DecoderReferenceTest,
    ::testing::Combine(::testing::Values("qwen3-odd-a", "qwen3-odd-b", "llama-odd", "llama-wide-heads",
                                         "llama-biased", "mistral-odd", "qwen2-odd", "phi3-odd", "phi3-long",
                                         "gemma3-odd", "gemma3-text", "arcee-odd"),
                       ::testing::ValuesIn(test::available_math())),
    [](const auto& parameters) {
      return test_name(std::get<0>(parameters.param), *std::get<1>(parameters.param));
    });

/// The same weights under another config: the file `<name>.config.json` of the folder.
struct Variant {
  std::string folder;
  std::string name;
};

class DecoderVariant : public AgainstTheLibrary, public ::testing::WithParamInterface<Variant> {};

TEST_P(DecoderVariant, GeneratesWhatTheLibraryDoes) {
  const auto& [folder, name] = GetParam();
  const LibraryResult library(folder, name + ".reference.safetensors");
  const test::TempDir dir;
  for (const char* file : {"model.safetensors", "generation_config.json"}) {
    std::filesystem::create_symlink(test::fixture(folder) / file, dir / file);
  }
  const auto config = test::fixture(folder) / (name + ".config.json");
  std::filesystem::copy(std::filesystem::exists(config) ? config : test::fixture(folder) / "config.json",
                        dir / "config.json");
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(dir.path());
  DecoderReference model(checkpoint, static_cast<std::int64_t>(library.fed().size()));
  const auto count = static_cast<std::int64_t>(library.targets.size());
  const GreedyResult result = generate_reference(
      model, library.prompt, {.max_new_tokens = count, .min_new_tokens = count}, Keep::kLogits);
  EXPECT_EQ(result.tokens.target_ids, library.targets);
  expect_rows(result.reference.logits.to_floats(), library.logits, model.vocab_size());
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DecoderVariant,
                         ::testing::Values(Variant{"llama-odd", "linear"}, Variant{"llama-odd", "dynamic"},
                                           Variant{"mistral-odd", "window"},
                                           Variant{"qwen2-odd", "upper-window"},
                                           Variant{"phi3-odd", "partial"}, Variant{"phi3-odd", "window"},
                                           Variant{"phi3-long", "long"}, Variant{"arcee-odd", "length-ratio"},
                                           Variant{"arcee-odd", "mscales"}),
                         [](const auto& variant) {
                           return test_name(variant.param.folder + "_" + variant.param.name, fp32_math());
                         });

TEST(DecoderReferenceErrors, RefusesWhatItCannotCompute) {
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture("qwen3-odd-a"));
  DecoderReference model(checkpoint, 4);
  const std::vector<std::int32_t> ids{1, 2, 3, 4, 5};
  const std::span<const std::int32_t> some(ids);
  test::expect_error(ExitCode::kFailure, {"no tokens"}, [&] { model.forward({}); });
  test::expect_error(ExitCode::kFailure, {"rows of logits", "got 3, expected 1 to 2"},
                     [&] { model.forward(some.first(2), 3); });
  test::expect_error(ExitCode::kLength, {"5 tokens at position 0", "4 positions"},
                     [&] { model.forward(some); });
  const std::vector<std::int32_t> outside{0, 331};
  test::expect_error(ExitCode::kFailure, {"token 331", "vocabulary of 331"}, [&] { model.forward(outside); });
  const std::vector<std::int32_t> negative{-1};
  test::expect_error(ExitCode::kFailure, {"token -1"}, [&] { model.forward(negative); });
  // A refused call leaves the sequence as it was.
  EXPECT_EQ(model.position(), 0);
  model.forward(some.first(3));
  test::expect_error(ExitCode::kLength, {"2 tokens at position 3"}, [&] { model.forward(some.first(2)); });
  EXPECT_EQ(model.position(), 3);
  test::expect_error(ExitCode::kFailure, {"max_positions"}, [&] { DecoderReference none(checkpoint, 0); });
}

TEST(DecoderReferenceMemory, GrowsWithTheTokensNotWithTheLimit) {
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture("qwen3-odd-b"));
  const test::LibraryResult library("qwen3-odd-b");
  DecoderReference model(checkpoint, std::int64_t{1} << 40);
  expect_rows(model.forward(library.prompt).logits,
              std::span(library.logits).first(static_cast<std::size_t>(model.vocab_size())),
              model.vocab_size());
}

}  // namespace
}  // namespace ttx::reference
