// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "launch/run_eval_options.hpp"

namespace ttx::launch {

/// What an evaluation found: fractions of 0 to 1, and of how many tokens.
struct Agreement {
  double top1 = 0;
  double top5 = 0;
  std::int64_t total = 0;
};

/// A float as Python prints it (repr): the shortest decimal that reads back as the same value, with at least
/// one digit behind the point, such as 1.0 and 0.93; an exponent below 1e-4 and from 1e16 on. Finite values.
std::string python_float(double value);

/// "YT_METRICS=" and a JSON object with the bytes of Python's json.dumps, no line end: mode, trace, top1,
/// top5, prefill_len, decode_len, max_seq_len (tt, where a flag asks for one), batch, total.
std::string metrics_line(const RunEvalOptions& options, const EvalPoint& point, const Agreement& agreement);

}  // namespace ttx::launch
