// SPDX-License-Identifier: Apache-2.0
//
// What ttx-eval says, and exits with, when it is given something wrong: one sentence, from one rank, no hang.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TtxEvalErrors : public testing::Test {
 protected:
  /// Runs it and expects that exit code, and one line of ttx-eval's with all the pieces.
  void expect(int ranks, int exit_code, const std::vector<std::string>& arguments,
              const std::vector<std::string>& pieces) {
    const CommandResult result = run(eval(ranks, cache_, arguments));
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(count(result.err, "ttx-eval: error: "), 1U) << result.err;
    for (const std::string& piece : pieces) {
      EXPECT_THAT(result.err, HasSubstr(piece));
    }
    EXPECT_THAT(result.out, testing::Not(HasSubstr("accuracy")));
  }
  /// On one device without mpirun, then on eight ranks.
  void expect_on_one_and_eight(int exit_code, const std::vector<std::string>& arguments,
                               const std::vector<std::string>& pieces) {
    expect(0, exit_code, with_bring_up("n150", arguments), pieces);
    expect(8, exit_code, with_bring_up("t3000", arguments), pieces);
  }
  static std::vector<std::string> with_bring_up(const std::string& system,
                                                std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), bring_up(system));
    return arguments;
  }
  /// A copy of the tiny checkpoint to damage.
  std::string copy_of_checkpoint() {
    const fs::path copy = files_.path() / "checkpoint";
    fs::remove_all(copy);
    fs::copy(tiny_checkpoint(), copy, fs::copy_options::recursive);
    return copy.string();
  }
  std::string ids_file(const std::string& json) { return files_.write("ids.json", json).string(); }

  TempDir cache_;
  TempDir files_;
};

TEST_F(TtxEvalErrors, CommandLine) {
  expect(0, 2, {}, {"model_path is required", "--help"});
  expect(0, 2, {bring_up("n150"), "--no_such_flag"}, {"--no_such_flag"});
  expect(8, 2, {bring_up("t3000"), "--no_such_flag"}, {"--no_such_flag"});
  expect(0, 2, {bring_up("n150"), "--max_new_tokens", "many"}, {"--max_new_tokens", "many"});
  expect(0, 2, {bring_up("n150"), "--max_new_tokens", "0"}, {"--max_new_tokens: got 0, expected at least 1"});
  expect(0, 2, {bring_up("n150"), "--max", "5"},
         {"ambiguous flag --max", "--max_new_tokens", "--max_seq_len"});
  expect(0, 2, {bring_up("n150"), "--mesh", "2by4"}, {"--mesh", "2by4", "2x4"});
  expect(0, 2, {bring_up("n150"), "--ccl", "tcp"}, {"--ccl", "tcp", "mpi", "shm"});
  expect(8, 2, {bring_up("t3000"), "--ccl", "tcp"}, {"--ccl", "tcp", "mpi", "shm"});
}

TEST_F(TtxEvalErrors, TransportOfTheEnvironment) {
  Command command = eval(2, cache_, {bring_up("n300")});
  command.environment.push_back("TTX_CCL=tcp");
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("TTX_CCL: got \"tcp\", expected mpi or shm"));
}

TEST_F(TtxEvalErrors, LogLevelOfTheEnvironment) {
  for (const int ranks : {0, 8}) {
    Command command = eval(ranks, cache_, {bring_up(ranks == 0 ? "n150" : "t3000")});
    command.environment.push_back("TTX_LOG=loud");
    const CommandResult result = run(command);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(count(result.err, "TTX_LOG: got 'loud', expected"), 1U) << result.err;
  }
}

TEST_F(TtxEvalErrors, ShortSequence) {
  expect_on_one_and_eight(1, {"--max_seq_len", "2047"}, {"2047", "too small", "2048"});
}

TEST_F(TtxEvalErrors, NumbersBeyondReason) {
  expect(0, 2, {bring_up("n150"), "--max_seq_len", "1000000000"},
         {"--max_seq_len: got 1000000000, expected at most 1048576"});
  expect(0, 2, {bring_up("n150"), "--max_new_tokens", "99999999999999999999"}, {"--max_new_tokens"});
  expect(0, 2, {bring_up("n150"), "--threads", "0"}, {"--threads"});
  expect(0, 2, {bring_up("n150"), "--device_id", "-1"}, {"--device_id"});
  expect(0, 2, {bring_up("n150"), "--mesh", "0x0"}, {"--mesh", "0x0"});
}

TEST_F(TtxEvalErrors, NoSuchModule) {
  expect(0, 1, {"no/such/model.cpp"}, {"no such file", "no/such/model.cpp"});
  expect(8, 1, {"no/such/model.cpp"}, {"no such file"});
}

TEST_F(TtxEvalErrors, WrongRankCountNamesTheRightCommand) {
  const std::vector<std::string> arguments{bring_up("t3000"), "--model", tiny_checkpoint()};
  for (const int ranks : {0, 2, 3, 9}) {
    expect(ranks, 3, arguments,
           {"(2, 4) mesh, 8 devices", "mpirun -np 8", bring_up("t3000") + " --model " + tiny_checkpoint()});
  }
  expect(2, 3, {bring_up("n150"), "--model", tiny_checkpoint()}, {"1 device:", "got 2 ranks"});
}

TEST_F(TtxEvalErrors, TheCommandNamedCanBePasted) {
  expect(0, 3, {bring_up("t3000"), "--model", tiny_checkpoint(), "--prompt", "two words, it's"},
         {"--prompt 'two words, it'\\''s'"});
}

TEST_F(TtxEvalErrors, AMeshWithMoreDevicesThanThereIsToCut) {
  expect(12, 3, {bring_up("t3000"), "--model", tiny_checkpoint(), "--mesh", "1x12"},
         {"of size 176 cannot be cut over 12 devices", "run on at most 11 devices"});
}

TEST_F(TtxEvalErrors, TwoPromptFiles) {
  expect_on_one_and_eight(1, {"--model", tiny_checkpoint(), "--prompt_file", "a", "--prompt_ids_file", "b"},
                          {"Only one of --prompt_file or --prompt_ids_file may be set"});
}

TEST_F(TtxEvalErrors, MissingCheckpoint) {
  expect_on_one_and_eight(4, {"--model", "no-one/no-such-model", "--cache_dir", files_.path().string()},
                          {"no-one/no-such-model"});
}

TEST_F(TtxEvalErrors, TruncatedCheckpoint) {
  const std::string copy = copy_of_checkpoint();
  const fs::path weights = fs::path(copy) / "model.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  expect_on_one_and_eight(4, {"--model", copy, "--prompt_ids_file", ids_file("[1, 2, 3]")},
                          {"model.safetensors"});
}

TEST_F(TtxEvalErrors, CheckpointThatContradictsItsConfig) {
  const std::string copy = copy_of_checkpoint();
  const fs::path config = fs::path(copy) / "config.json";
  std::ifstream stream(config);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::string from = "\"intermediate_size\": 176";
  ASSERT_NE(text.find(from), std::string::npos);
  text.replace(text.find(from), from.size(), "\"intermediate_size\": 192");
  files_.write("checkpoint/config.json", text);
  expect_on_one_and_eight(4, {"--model", copy, "--prompt_ids_file", ids_file("[1, 2, 3]")},
                          {"gate_proj", "176", "192"});
}

TEST_F(TtxEvalErrors, CheckpointOfAnotherModelType) {
  const std::string llama = std::string(TTX_FIXTURES) + "/llama-odd";
  expect_on_one_and_eight(4, {"--model", llama, "--prompt_ids_file", ids_file("[1, 2, 3]")},
                          {"model_type: got", "\"llama\"", "\"qwen3\""});
}

TEST_F(TtxEvalErrors, YarnFactorWithoutYarn) {
  expect_on_one_and_eight(2,
                          {"--model", tiny_checkpoint(), "--prompt_ids_file", ids_file("[1, 2, 3]"),
                           "--yarn_factor", "length_ratio"},
                          {"rope type \"default\"", "\"yarn\""});
}

TEST_F(TtxEvalErrors, PromptThatDoesNotFit) {
  std::string ids = "[1";
  for (int i = 0; i < 2040; ++i) {
    ids += ", 2";
  }
  expect_on_one_and_eight(
      5, {"--model", tiny_checkpoint(), "--prompt_ids_file", ids_file(ids + "]"), "--max_new_tokens", "20"},
      {"prompt tokens (2041) + new tokens (20) exceeds --max_seq_len (2048)"});
}

TEST_F(TtxEvalErrors, EmptyPrompt) {
  expect_on_one_and_eight(5, {"--model", demo_checkpoint(), "--prompt", ""}, {"the prompt has no tokens"});
  const CommandResult reference =
      run({.arguments = {program("ttx-reference"), "--model", demo_checkpoint(), "--prompt", "", "--output",
                         (files_ / "reference.safetensors").string()},
           .environment = {},
           .folder = {}});
  EXPECT_EQ(reference.exit_code, 5);
  EXPECT_THAT(reference.err, HasSubstr("the prompt has no tokens"));
}

TEST_F(TtxEvalErrors, PromptIds) {
  expect_on_one_and_eight(5, {"--model", tiny_checkpoint(), "--prompt_ids_file", ids_file("[]")},
                          {"--prompt_ids_file must contain a JSON list of token ids", "has an empty one"});
  for (const std::string json : {"{}", "[1, \"x\"]", "[1", "[-1]", "[null]"}) {
    expect(0, 1, {bring_up("n150"), "--model", tiny_checkpoint(), "--prompt_ids_file", ids_file(json)},
           {"--prompt_ids_file must contain a JSON list of token ids"});
  }
  expect(0, 1, {bring_up("n150"), "--model", tiny_checkpoint(), "--prompt_ids_file", ids_file("[331]")},
         {"outside the vocabulary", "331", "0 to 330"});
}

TEST_F(TtxEvalErrors, GenerationConfigThatWouldChangeTheReference) {
  const std::string copy = copy_of_checkpoint();
  files_.write("checkpoint/generation_config.json", R"({"no_repeat_ngram_size": 3, "eos_token_id": 2})");
  expect_on_one_and_eight(2, {"--model", copy, "--prompt_ids_file", ids_file("[1, 2, 3]")},
                          {"no_repeat_ngram_size: 3"});
}

TEST_F(TtxEvalErrors, ReferenceOfAnotherPrompt) {
  expect(0, 1,
         {bring_up("n150"), "--model", tiny_checkpoint(), "--reference",
          tiny_checkpoint() + "/reference.safetensors", "--prompt_ids_file", ids_file("[1, 2, 3]")},
         {"another prompt"});
  expect(0, 4,
         {bring_up("n150"), "--model", tiny_checkpoint(), "--reference",
          tiny_checkpoint() + "/model.safetensors"},
         {"model.safetensors", "not a reference file"});
}

TEST_F(TtxEvalErrors, ReferenceOfAnotherVocabulary) {
  expect(0, 1,
         {bring_up("n150"), "--model", demo_checkpoint(), "--reference",
          tiny_checkpoint() + "/reference.safetensors"},
         {"another vocabulary: got 331 logits a token, expected 1100"});
}

TEST_F(TtxEvalErrors, NanWeightsAreNotScored) {
  const std::string copy = copy_of_checkpoint();
  std::fstream weights(fs::path(copy) / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  std::uint64_t header = 0;
  weights.read(reinterpret_cast<char*>(&header), sizeof(header));
  const std::vector<char> nans(1 << 16, '\xff');  // 0xffff is a bfloat16 NaN
  weights.seekp(static_cast<std::streamoff>(sizeof(header) + header));
  weights.write(nans.data(), static_cast<std::streamsize>(nans.size()));
  weights.close();
  expect(0, 1,
         {bring_up("n150"), "--model", copy, "--reference", tiny_checkpoint() + "/reference.safetensors"},
         {"is NaN"});
}

TEST_F(TtxEvalErrors, UnknownInstructionSet) {
  Command command = eval(0, cache_, {bring_up("n150")});
  command.environment.push_back("TTX_ISA=abacus");
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("TTX_ISA: got \"abacus\", expected an instruction set that this "
                                    "processor has: generic"));
  expect(0, 2, {bring_up("n150"), "--isa", "avx1024"},
         {"--isa: got \"avx1024\", expected an instruction set that this processor has: generic"});
  expect(2, 2, {bring_up("n300"), "--isa", ""}, {"--isa: got \"\""});
}

TEST_F(TtxEvalErrors, OutputsThatCannotBeWritten) {
  expect(0, 1,
         {bring_up("n150"), "--model", tiny_checkpoint(), "--prompt_ids_file", ids_file("[1, 2]"), "--json",
          "/no/such/folder/x"},
         {"/no/such/folder"});
  const std::string file = (files_ / "both").string();
  expect(0, 2, {bring_up("n150"), "--json", file, "--logits_out", file},
         {"--json and --logits_out name the same file"});
}

}  // namespace
}  // namespace ttx::test
