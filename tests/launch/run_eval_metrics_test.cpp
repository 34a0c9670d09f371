// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_metrics.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ttx::launch {
namespace {

TEST(PythonFloat, IsWhatPythonPrints) {
  // As json.dumps of Python 3.11 prints them.
  const std::vector<std::pair<double, const char*>> known = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.5, "0.5"},
      {0.93, "0.93"},
      {0.9999, "0.9999"},
      {0x1.5555555555555p-2, "0.3333333333333333"},
      {0x1.5555555555555p-1, "0.6666666666666666"},
      {0x1.e666666666666p-1, "0.95"},
      {0x1.3333333333334p-2, "0.30000000000000004"},
      {0x1.a36e2eb1c432dp-14, "0.0001"},
      {0x1.a36371ea531a8p-14, "9.999e-05"},
      {0x1.4f8c3475c57bap-17, "1.000010000100001e-05"},
      {0x0.0000000000001p-1022, "5e-324"},
      {100.0, "100.0"},
      {123456789.125, "123456789.125"},
      {1e15, "1000000000000000.0"},
      {9007199254740992.0, "9007199254740992.0"},
      {9999999999999998.0, "9999999999999998.0"},
      {1e16, "1e+16"},
      {1.5e16, "1.5e+16"},
      {1e22, "1e+22"},
      {-2.5, "-2.5"},
      {0x1.fffffffffffffp+1023, "1.7976931348623157e+308"},
  };
  for (const auto& [value, text] : known) {
    EXPECT_EQ(python_float(value), text);
  }
}

TEST(PythonFloat, EveryShareReadsBackAndNoShorterTextDoes) {
  for (int total = 1; total <= 60; ++total) {
    for (int hits = 0; hits <= total; ++hits) {
      const double share = static_cast<double>(hits) / total;
      const std::string text = python_float(share);
      EXPECT_EQ(std::strtod(text.c_str(), nullptr), share) << text;
      EXPECT_NE(text.find('.'), std::string::npos) << text;
      if (text.size() > 3) {  // one digit less is another number
        EXPECT_NE(std::strtod(text.substr(0, text.size() - 1).c_str(), nullptr), share) << text;
      }
    }
  }
}

TEST(MetricsLine, IsWhatJsonDumpsPrints) {
  RunEvalOptions options;
  EXPECT_EQ(metrics_line(options, {20, std::nullopt}, {1.0, 1.0, 20}),
            R"(YT_METRICS={"mode": "hf", "trace": false, "top1": 1.0, "top5": 1.0, "prefill_len": 20, )"
            R"("decode_len": 20, "batch": 1, "total": 20})");
  options.mode = EvalMode::kTt;
  options.trace = 1;
  options.decode_len = 100;
  EXPECT_EQ(metrics_line(options, {513, std::nullopt}, {0.93, 0.9999, 100}),
            R"(YT_METRICS={"mode": "tt", "trace": true, "top1": 0.93, "top5": 0.9999, "prefill_len": 513, )"
            R"("decode_len": 100, "batch": 1, "total": 100})");
}

TEST(MetricsLine, MaxSeqLenIsAKeyOfTtAlone) {
  RunEvalOptions options;
  EXPECT_EQ(metrics_line(options, {20, 4096}, {}).find("max_seq_len"), std::string::npos);
  options.mode = EvalMode::kTt;
  EXPECT_EQ(metrics_line(options, {20, 4096}, {0.5, 0.75, 20}),
            R"(YT_METRICS={"mode": "tt", "trace": false, "top1": 0.5, "top5": 0.75, "prefill_len": 20, )"
            R"("decode_len": 20, "max_seq_len": 4096, "batch": 1, "total": 20})");
}

}  // namespace
}  // namespace ttx::launch
