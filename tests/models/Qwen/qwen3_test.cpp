// SPDX-License-Identifier: Apache-2.0
//
// The device path against the transformers library: fixtures of two tiny checkpoints, on whatever number of
// ranks this runs.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ccl/mesh_device.hpp"
#include "models/common/generate.hpp"
#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "models/reference/reference_file.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/models/family/correlation.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

class Qwen3 : public testing::TestWithParam<std::string> {
 protected:
  static MeshShape mesh_shape(int ranks) { return ranks == 8 ? MeshShape{2, 4} : MeshShape{1, ranks}; }

  Qwen3()
      : module_(std::string(TTX_BINARY_DIR) + "/models/Qwen/Qwen3-0.6B/t3000/functional/model.so"),
        checkpoint_(hf::Checkpoint::open(folder())),
        mesh_(open_mesh_device(test::world(), mesh_shape(test::world().size()))),
        model_(module_->build_model(checkpoint_, *mesh_, {.max_seq_len = 128}, {})) {}

  static std::string folder() { return std::string(TTX_FIXTURES) + "/" + GetParam(); }
  static reference::Reference fixture() {
    return reference::read_reference(folder() + "/reference.safetensors");
  }

  LoadedModule module_;
  hf::Checkpoint checkpoint_;
  std::shared_ptr<MeshDevice> mesh_;
  std::shared_ptr<CausalLM> model_;
};

TEST_P(Qwen3, LogitsCorrelateWithTransformersInFp32) {
  const reference::Reference expected = fixture();
  for (const PromptPath path : {PromptPath::kPrefill, PromptPath::kDecode}) {
    const auto result = teacher_forcing(*model_, expected.prompt_ids, expected.target_ids,
                                        {.prompt_path = path, .keep_logits = true, .after_call = {}});
    ASSERT_EQ(result.total, 16);
    if (mesh_->line_index() == 0) {
      EXPECT_GE(test::pearson(result.logits.to_floats(), expected.logits.to_floats()), 0.999);
    }
  }
}

TEST_P(Qwen3, OneCallKeepsTheLogitsOfEveryPosition) {
  const reference::Reference expected = fixture();
  const auto all = model_->forward(expected.prompt_ids);
  const auto last = model_->forward(expected.prompt_ids, nullptr, LogitsToKeep{1});
  EXPECT_EQ(all.past_key_values.seq_len, static_cast<std::int64_t>(expected.prompt_ids.size()));
  if (mesh_->line_index() != 0) {
    EXPECT_TRUE(all.logits.empty());
    return;
  }
  const Shape shape{1, static_cast<std::int64_t>(expected.prompt_ids.size()), model_->vocab_size()};
  EXPECT_EQ(all.logits.shape(), shape);
  const auto rows = all.logits.to_floats();
  const auto row = last.logits.to_floats();
  EXPECT_TRUE(std::equal(row.begin(), row.end(), rows.end() - static_cast<std::ptrdiff_t>(row.size())));
}

TEST_P(Qwen3, ChunksKeepWhatIsAskedFor) {
  const std::vector<std::int32_t> prompt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  for (const std::int64_t keep : {0, 1, 5, 11}) {
    model_->set_prefill_chunk(512);
    const auto whole = model_->forward(prompt, nullptr, LogitsToKeep{keep});
    for (const std::int64_t chunk : {1, 2, 4, 10}) {
      model_->set_prefill_chunk(chunk);
      const auto cut = model_->forward(prompt, nullptr, LogitsToKeep{keep});
      EXPECT_EQ(cut.past_key_values.seq_len, 11);
      EXPECT_EQ(cut.logits.shape(), whole.logits.shape());
      EXPECT_EQ(cut.logits.to_floats(), whole.logits.to_floats()) << keep << " kept, chunks of " << chunk;
    }
  }
  test::expect_error(ExitCode::kFailure, {"[forward]", "tokens of a chunk of prefill: got 0"},
                     [&] { model_->set_prefill_chunk(0); });
}

TEST_P(Qwen3, StartingOverForgetsTheCache) {
  const std::vector<std::int32_t> first{1, 2, 3, 4, 5, 6, 7};
  const std::vector<std::int32_t> second{9, 8, 7};
  const auto fresh = model_->forward(second);
  model_->forward(first);
  const auto again = model_->forward(second);
  EXPECT_EQ(fresh.logits.to_floats(), again.logits.to_floats());
}

TEST_P(Qwen3, GreedyGenerationIsWhatTeacherForcingOfItSees) {
  const reference::Reference expected = fixture();
  GenerateOptions options;
  options.max_new_tokens = 12;
  options.eos_token_ids = std::vector<std::int32_t>{};
  const auto tokens = generate(*model_, checkpoint_.generation_config(), expected.prompt_ids, options);
  ASSERT_EQ(tokens.size(), 12U);
  const auto result = teacher_forcing(*model_, expected.prompt_ids, tokens);
  if (mesh_->line_index() == 0) {
    EXPECT_EQ(result.top1_hits, 12);
  }
}

TEST_P(Qwen3, WrongCallsAreRefusedOnEveryDevice) {
  const std::vector<std::int32_t> none;
  test::expect_error(ExitCode::kFailure, {"[forward]", "no tokens"}, [&] { model_->forward(none); });
  const std::vector<std::int32_t> two{1, 2};
  const PastKeyValues past{1};
  test::expect_error(ExitCode::kFailure, {"only 1-token decode"}, [&] { model_->forward(two, &past); });
  const std::vector<std::int32_t> outside{static_cast<std::int32_t>(model_->vocab_size())};
  test::expect_error(ExitCode::kFailure, {"outside the vocabulary"}, [&] { model_->forward(outside); });
  const std::vector<std::int32_t> long_prompt(129, 1);
  test::expect_error(ExitCode::kLength, {"sequence length 129 exceeds cache length 128"},
                     [&] { model_->forward(long_prompt); });
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, Qwen3, testing::Values("qwen3-odd-a", "qwen3-odd-b"),
                         [](const auto& checkpoint) {
                           return checkpoint.param.substr(checkpoint.param.size() - 1);
                         });

}  // namespace
}  // namespace ttx
