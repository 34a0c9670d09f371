// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace ttx::launch {

std::string python_float(double value) {
  constexpr double kLeastFixed = 1e-4;
  constexpr double kLeastLarge = 1e16;
  const double size = std::abs(value);
  const bool fixed = value == 0 || (size >= kLeastFixed && size < kLeastLarge);
  std::array<char, 64> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer.data(), written.ptr);
  if (fixed && text.find('.') == std::string::npos) {
    text += ".0";
  }
  return text;
}

std::string metrics_line(const RunEvalOptions& o, const EvalPoint& point, const Agreement& agreement) {
  const bool tt = o.mode == EvalMode::kTt;
  const std::string max_seq_len =
      tt && point.max_seq_len ? fmt::format("\"max_seq_len\": {}, ", *point.max_seq_len) : "";
  return fmt::format(
      "YT_METRICS={{\"mode\": \"{}\", \"trace\": {}, \"top1\": {}, \"top5\": {}, \"prefill_len\": {}, "
      "\"decode_len\": {}, {}\"batch\": {}, \"total\": {}}}",
      tt ? "tt" : "hf", o.trace == 1, python_float(agreement.top1), python_float(agreement.top5),
      point.prefill_len, o.decode_len, max_seq_len, o.batch, agreement.total);
}

}  // namespace ttx::launch
