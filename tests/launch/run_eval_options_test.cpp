// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_options.hpp"

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::launch {
namespace {

using Points = std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>>;

class RunEvalOptionsTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("YT_SYSTEM"); }
  void TearDown() override { ::unsetenv("YT_SYSTEM"); }

  static RunEvalOptions parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ttx-run-eval", "--hf-model", "a/b"});
    std::vector<char*> argv;
    argv.reserve(arguments.size());
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    return parse_run_eval_options(static_cast<int>(argv.size()), argv.data()).value();
  }
  static RunEvalOptions tt(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--mode", "tt"});
    return parse(std::move(arguments));
  }
  static Points points(const RunEvalOptions& options) {
    Points result;
    for (const EvalPoint& point : eval_points(options)) {
      result.emplace_back(point.prefill_len, point.max_seq_len);
    }
    return result;
  }
  static void refuses(std::vector<std::string> arguments, std::initializer_list<std::string_view> pieces) {
    test::expect_error(ExitCode::kUsage, pieces, [&] { eval_points(tt(std::move(arguments))); });
  }
};

TEST_F(RunEvalOptionsTest, DefaultsAreThoseOfTheScript) {
  const RunEvalOptions options = parse({"--mode", "hf"});
  EXPECT_EQ(options.mode, EvalMode::kHf);
  EXPECT_EQ(options.hf_model, "a/b");
  EXPECT_EQ(options.weights(), "a/b");
  EXPECT_EQ(options.system, "n150");
  EXPECT_EQ(options.prefill_len, 20);
  EXPECT_EQ(options.decode_len, 20);
  EXPECT_EQ(options.batch, 1);
  EXPECT_EQ(options.trace, 0);
  EXPECT_FALSE(options.prefill_decode || options.no_cache);
  EXPECT_FALSE(options.cache_dir || options.checkpoint || options.max_seq_len);
  EXPECT_EQ(options.yarn_factor, hf::YarnFactor::kFile);
  EXPECT_EQ(points(options), (Points{{20, std::nullopt}}));
}

TEST_F(RunEvalOptionsTest, TakesHyphensUnderscoresAndPrefixes) {
  for (const char* mark : {"-", "_"}) {
    const auto flag = [&](const std::string& first, const std::string& second) {
      return "--" + first + mark + second;
    };
    const RunEvalOptions options =
        tt({flag("prefill", "len"), "7", flag("decode", "len") + "=9", flag("prefill", "decode"),
            flag("cache", "dir"), "c", flag("no", "cache"), "--checkpoint", "d", "--tr", "1", "--sys=n300",
            flag("yarn", "factor"), "length_ratio"});
    EXPECT_EQ(options.prefill_len, 7);
    EXPECT_EQ(options.decode_len, 9);
    EXPECT_TRUE(options.prefill_decode);
    EXPECT_EQ(options.cache_dir, "c");
    EXPECT_TRUE(options.no_cache);
    EXPECT_EQ(options.weights(), "d");
    EXPECT_EQ(options.trace, 1);
    EXPECT_EQ(options.system, "n300");
    EXPECT_EQ(options.yarn_factor, hf::YarnFactor::kLengthRatio);
  }
}

TEST_F(RunEvalOptionsTest, SystemComesFromTheFlagElseTheEnvironment) {
  ::setenv("YT_SYSTEM", "t3000", 1);
  EXPECT_EQ(tt({}).system, "t3000");
  EXPECT_EQ(tt({"--system", "n300"}).system, "n300");
  ::setenv("YT_SYSTEM", "", 1);
  EXPECT_EQ(tt({}).system, "n150");
}

TEST_F(RunEvalOptionsTest, ChecksInTheDocumentedOrder) {
  const std::vector<std::string> all = {"--batch", "2", "--prefill-len", "0", "--decode-len", "-1",
                                        "--trace", "2", "--max-seq-len", "0"};
  const auto with_first_right = [&](std::size_t right) {
    std::vector<std::string> arguments = all;
    const std::vector<std::string> values = {"1", "1", "0", "1", "1"};
    for (std::size_t i = 0; i < right; ++i) {
      arguments[2 * i + 1] = values[i];
    }
    return arguments;
  };
  refuses(with_first_right(0), {"[arguments] Only batch=1 is supported by the bringup eval: got --batch 2"});
  refuses(with_first_right(1), {"[arguments] --prefill-len must be >= 1: got 0"});
  refuses(with_first_right(2), {"[arguments] --decode-len must be >= 0: got -1"});
  refuses(with_first_right(3), {"[arguments] --trace must be 0 or 1: got 2"});
  refuses(with_first_right(4), {"[arguments] --max-seq-len must be >= 1: got 0"});
  EXPECT_NO_THROW(tt(with_first_right(5)));
}

TEST_F(RunEvalOptionsTest, RefusesWhatArgparseRefuses) {
  test::expect_error(ExitCode::kUsage, {"--mode"}, [] { parse({}); });
  test::expect_error(ExitCode::kUsage, {"--mode", "cpu"}, [] { parse({"--mode", "cpu"}); });
  refuses({"--prefill-len", "twenty"}, {"--prefill-len", "got \"twenty\""});
  refuses({"--prefill-len", "1048577"}, {"--prefill-len: got 1048577, expected at most 1048576"});
  refuses({"--decode-len", "1048577"}, {"--decode-len: got 1048577, expected at most 1048576"});
  refuses({"--yarn-factor", "16"}, {"--yarn-factor", "16"});
  refuses({"more"}, {"more"});
}

TEST_F(RunEvalOptionsTest, RangesIncludeTheirEnd) {
  EXPECT_EQ(points(tt({"--prefill-len-range", "3:5"})),
            (Points{{3, std::nullopt}, {4, std::nullopt}, {5, std::nullopt}}));
  EXPECT_EQ(points(tt({"--prefill-len-range=10:20:4"})),
            (Points{{10, std::nullopt}, {14, std::nullopt}, {18, std::nullopt}}));
  EXPECT_EQ(points(tt({"--prefill-len-range", "7:7", "--max-seq-len", "4096"})), (Points{{7, 4096}}));
  EXPECT_EQ(points(tt({"--max-seq-len-range", "2048:4096:1024", "--prefill-len", "9"})),
            (Points{{9, 2048}, {9, 3072}, {9, 4096}}));
  EXPECT_EQ(points(tt({"--max-seq-len", "2048"})), (Points{{20, 2048}}));
}

TEST_F(RunEvalOptionsTest, BrokenRangesAreRefused) {
  for (const char* flag : {"--prefill-len-range", "--max-seq-len-range"}) {
    for (const char* text : {"5", "1:2:3:4", "a:b", "1:", ":2", "1::2", "1:2:", ":", "1.0:2"}) {
      refuses({flag, text}, {flag, std::string("got \"") + text + "\"", "expected start:end"});
    }
    for (const char* text : {"0:5", "-1:5", "6:5", "1:5:0", "1:5:-1"}) {
      refuses({std::string(flag) + "=" + text}, {flag, text, "expected 1 <= start <= end and step >= 1"});
    }
    refuses({flag, "1:1048577"}, {flag, "expected at most 1048576"});
  }
}

TEST_F(RunEvalOptionsTest, FlagsThatExcludeEachOther) {
  refuses({"--prefill-len-range", "1:2", "--max-seq-len-range", "2048:4096"}, {"exclude each other"});
  refuses({"--prefill-len-range", "1:2", "--prefill-len", "1"}, {"--prefill-len and --prefill-len-range"});
  refuses({"--max-seq-len-range", "2048:4096", "--max-seq-len", "2048"},
          {"--max-seq-len and --max-seq-len-range"});
  test::expect_error(ExitCode::kUsage, {"--max-seq-len-range goes with --mode tt"}, [] {
    parse({"--mode", "hf", "--max-seq-len-range", "2048:4096"});
  });
}

TEST_F(RunEvalOptionsTest, MaxSeqLenHoldsPromptAndDecode) {
  EXPECT_NO_THROW(eval_points(tt({"--max-seq-len", "40"})));
  refuses({"--max-seq-len", "39"},
          {"--max-seq-len must be >= prefill_len + decode_len: got 39, expected at least 40"});
  refuses({"--max-seq-len-range", "30:50:5"}, {"got 30, expected at least 40"});
  refuses({"--prefill-len-range", "20:30", "--max-seq-len", "45"}, {"got 45, expected at least 46"});
}

}  // namespace
}  // namespace ttx::launch
