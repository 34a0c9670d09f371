// SPDX-License-Identifier: Apache-2.0
//
// bench/compare with a program that prints what llama-bench prints.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/launch_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// Knows one prompt length and one depth at a time, as the tests give them.
constexpr const char* kPeer = R"sh(#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
prompt=0 generated=0 depth=0
while [ $# -gt 0 ]; do
  case $1 in
    -p) prompt=$2 ;;
    -n) generated=$2 ;;
    -d) depth=$2 ;;
  esac
  shift
done
echo "[{\"n_prompt\": $prompt, \"n_gen\": $generated, \"n_depth\": $depth, \"samples_ts\": [10.0, 20.0, 60.0],"
echo "\"model_size\": 123000000, \"model_type\": \"tiny BF16\", \"build_number\": 7, \"build_commit\": \"abc\"}]"
)sh";

class Compare : public testing::Test {
 protected:
  Compare() {
    peer_ = folder_.write("llama-bench", kPeer);
    fs::permissions(peer_, fs::perms::owner_all);
    folder_.write("tiny.gguf", "");
  }
  CommandResult compare(std::vector<std::string> more) {
    more.insert(more.begin(),
                {TTX_SOURCE_DIR "/bench/compare", bring_up("n150"), "--build", TTX_BINARY_DIR, "--output",
                 results_.string(), "--rounds", "2", "--steps", "2", "--prefill", "5", "--decode", "9"});
    Command command = launch(folder_, {});
    command.arguments = std::move(more);
    return run(command);
  }
  std::vector<std::string> with_peer() const {
    return {"--model",      tiny_checkpoint(), "--peer",
            peer_.string(), "--peer_model",    (folder_ / "tiny.gguf").string()};
  }
  static std::string text(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  void refuses(const std::vector<std::string>& more, int code, const std::string& sentence) {
    const CommandResult result = compare(more);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, HasSubstr("compare: error: "));
    EXPECT_THAT(result.err, HasSubstr(sentence));
  }

  TempDir folder_;
  fs::path results_ = folder_ / "RESULTS.md";
  fs::path peer_;
};

TEST_F(Compare, WritesASectionForEachModel) {
  std::vector<std::string> arguments = with_peer();
  arguments.insert(arguments.end(),
                   {"--threads", "1", "--ranks_path", bring_up("n300"), "--other_path", bring_up("n150"),
                    "--first_starts", folder_.path().string(), "--note", "A note."});
  const CommandResult result = compare(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string first = text(results_);
  EXPECT_THAT(
      first,
      AllOf(testing::StartsWith("# Results\n"), HasSubstr("\n## qwen3-odd-a\n"), HasSubstr("A note."),
            HasSubstr("| prefill 5 | 1 | "), HasSubstr("| decode at 9 | 1 | "),
            HasSubstr("| 20.0 (20.0-20.0) | "),  // the median of the peer's samples, in both rounds
            HasSubstr("0.123 GB with its embedding table (tiny BF16; build 7 (abc))"),
            HasSubstr("| 2 ranks | "), HasSubstr("`mpirun -np 2 true` took"),
            HasSubstr("| ready the first time, s | ready, s |"), HasSubstr("of one process with 1 thread"),
            HasSubstr("| this one's over its |"), HasSubstr("--prefill none --decode none\n")));
  EXPECT_THAT(result.out, HasSubstr("## qwen3-odd-a"));
  EXPECT_EQ(text(folder_ / "calls"),
            "-m " + (folder_ / "tiny.gguf").string() + " -t 1 -r 1 -o json -p 5 -n 0\n-m " +
                (folder_ / "tiny.gguf").string() + " -t 1 -r 1 -o json -p 0 -n 2 -d 9\n-m " +
                (folder_ / "tiny.gguf").string() + " -t 1 -r 1 -o json -p 5 -n 0\n-m " +
                (folder_ / "tiny.gguf").string() + " -t 1 -r 1 -o json -p 0 -n 2 -d 9\n");

  ASSERT_EQ(compare({"--model", tiny_checkpoint(), "--threads", "1", "--title", "Another"}).exit_code, 0);
  ASSERT_EQ(compare({"--model", tiny_checkpoint(), "--threads", "1"}).exit_code, 0);
  const std::string second = text(results_);
  EXPECT_EQ(count(second, "## qwen3-odd-a\n"), 1U);
  EXPECT_EQ(count(second, "## Another\n"), 1U);
  EXPECT_EQ(count(second, "A note."), 0U);
}

TEST_F(Compare, RefusesInASentence) {
  refuses({"--model", tiny_checkpoint(), "--peer", peer_.string()}, 2, "expected both or neither");
  refuses({"--model", tiny_checkpoint(), "--peer", "/nothing", "--peer_model", "/nothing"}, 2,
          "no such file: /nothing");
  refuses({"--model", tiny_checkpoint(), "--build", "/nothing"}, 2, "build ttx with -DTTX_BENCH=ON");
  refuses({"--model", tiny_checkpoint(), "--rounds", "0"}, 2, "--rounds");
  refuses({"--model", tiny_checkpoint(), "--threads", "1", "--ranks_path", bring_up("n150")}, 2,
          "got a bring-up of one device");
  refuses({"--model", tiny_checkpoint(), "--prefill", "none", "--decode", "none"}, 2, "nothing to compare");
  refuses({"--model", "/nothing"}, 1, "ttx-bench ended with exit code");
  folder_.write("llama-bench", "#!/bin/sh\necho '| a table |'\n");
  refuses(with_peer(), 1, "did not print what llama-bench -o json does");
  folder_.write("llama-bench", "#!/bin/sh\necho 'out of memory' >&2\nexit 4\n");
  refuses(with_peer(), 1, "llama-bench ended with exit code 4: out of memory");
  EXPECT_FALSE(fs::exists(results_));
}

}  // namespace
}  // namespace ttx::test
