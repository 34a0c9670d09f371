// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kSmol = TTX_SOURCE_DIR "/tests/launch/new_model/SmolLM2-360M.json";

CommandResult config(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("ttx-config"));
  return run({.arguments = std::move(arguments), .environment = {}, .folder = {}});
}

TEST(TtxConfig, SaysWhatIsReadOfAFile) {
  const CommandResult result = config({kSmol});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "model_type: llama\nnum_hidden_layers: 2\nhidden_size: 960\nnum_attention_heads: 15\n"
            "num_key_value_heads: 5\nhead_dim: 64\nintermediate_size: 2560\nvocab_size: 49152\n"
            "max_position_embeddings: 8192\ntie_word_embeddings: true\nrms_norm_eps: 1e-05\n"
            "hidden_act: silu\nattention_bias: false\nattention_output_bias: false\nmlp_bias: false\n"
            "rope_type: default\nrope_theta: 100000\npartial_rotary_factor: 1\nsliding_window: none\n"
            "sliding_layers: 0\ndtype: bfloat16\n");
  EXPECT_EQ(result.err, "");
}

TEST(TtxConfig, FillsInWhatTheClassKnows) {
  const CommandResult result = config({TTX_FIXTURES "/gemma3-odd"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(StartsWith("model_type: gemma3_text\n"), HasSubstr("\nhidden_act: gelu_pytorch_tanh\n"),
                    HasSubstr("\nrope_type: linear\n"), HasSubstr("\nsliding_window: 16\n")));
  EXPECT_THAT(config({TTX_FIXTURES "/qwen2-odd"}).out,
              AllOf(HasSubstr("\nattention_bias: true\n"), HasSubstr("\nattention_output_bias: false\n")));
}

TEST(TtxConfig, SaysHowAMeshCutsTheModel) {
  EXPECT_THAT(
      config({kSmol, "--mesh", "2x4"}).out,
      EndsWith("heads: 15 / 5 heads: 3 / 1 on each of 8 devices, zero heads appended up to 24 / 8\n"
               "per_device: 3 query heads, 1 KV head, 320 intermediate columns, 6144 vocabulary rows\n"));
  // 8 units of 32 rows for 7 devices
  EXPECT_THAT(config({TTX_FIXTURES "/gemma3-odd", "--mesh", "1x7"}).out, HasSubstr(" or "));
}

TEST(TtxConfig, RefusesWhatItCannotRead) {
  const TempDir folder;
  const std::string mamba = folder.write("config.json", R"({"model_type": "mamba"})").string();
  const CommandResult unknown = config({mamba});
  EXPECT_EQ(unknown.exit_code, 4);
  EXPECT_THAT(unknown.err,
              AllOf(HasSubstr("ttx-config: error: "), HasSubstr("got \"mamba\", expected one of "),
                    HasSubstr("another kind needs a reader in models/hf/config_families.cpp")));
  EXPECT_EQ(config({(folder / "none.json").string()}).exit_code, 4);
  EXPECT_EQ(config({}).exit_code, 2);
  EXPECT_EQ(config({kSmol, "--mesh", "two"}).exit_code, 2);
  EXPECT_EQ(config({TTX_FIXTURES "/gemma3-odd", "--mesh", "8x8"}).exit_code, 3);
}

}  // namespace
}  // namespace ttx::test
