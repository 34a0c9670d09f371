// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "launch/eval_options.hpp"
#include "launch/yarn_factor.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr const char* kPrefillRange = "--prefill-len-range";
constexpr const char* kSeqLenRange = "--max-seq-len-range";

struct Given {
  std::string mode, prefill_range, seq_len_range;
  const CLI::Option* prefill_len = nullptr;
};

void declare(CLI::App& app, RunEvalOptions& o, Given& given) {
  app.add_option("--mode", given.mode, "hf: the reference scores itself; tt: a bring-up, by ttx-eval")
      ->check(CLI::IsMember({"hf", "tt"}))
      ->required();
  app.add_option("--hf-model,--hf_model", o.hf_model,
                 "Hugging Face id: names the bring-up, models/<id>/<system>/functional, and the checkpoint; "
                 "with --mode hf also a folder")
      ->required();
  app.add_option("--system", o.system, "The bring-up's system, such as n150, n300 or t3000")
      ->envname("YT_SYSTEM")
      ->capture_default_str();
  given.prefill_len =
      app.add_option("--prefill-len,--prefill_len", o.prefill_len, "Prompt tokens")->capture_default_str();
  app.add_option("--decode-len,--decode_len", o.decode_len, "Reference tokens to generate and score")
      ->capture_default_str();
  app.add_option("--batch", o.batch, "1: no other batch is evaluated")->capture_default_str();
  app.add_option("--trace", o.trace, "0 or 1: repeated in the metrics, and of no other effect")
      ->capture_default_str();
  app.add_flag("--prefill-decode,--prefill_decode", o.prefill_decode,
               "Feed the prompt token by token through the decode path; with --mode tt always above 512 "
               "prompt tokens");
  app.add_option("--cache-dir,--cache_dir", o.cache_dir, "Hub cache folder to look in");
  app.add_option("--prefill-len-range,--prefill_len_range", given.prefill_range,
                 "start:end[:step], end included: a metrics line for each prompt length, instead of "
                 "--prefill-len");
  app.add_option("--max-seq-len,--max_seq_len", o.max_seq_len,
                 "Rotary table and cache length, which becomes a key of the metrics (default: the greater of "
                 "2048 and prompt and decode tokens); with --mode hf only a bound for the two");
  app.add_option("--max-seq-len-range,--max_seq_len_range", given.seq_len_range,
                 "start:end[:step], end included: a metrics line for each length; --mode tt alone, and not "
                 "with --prefill-len-range");
  app.add_option(
      "--checkpoint", o.checkpoint,
      "ttx's own: a folder, or another Hugging Face id, that tokenizer and weights are taken from; "
      "--hf-model then only names the bring-up");
  add_yarn_factor(app, o.yarn_factor, "--yarn-factor,--yarn_factor");
  app.add_flag("--no-cache,--no_cache", o.no_cache, "ttx's own: use and keep nothing in TTX_CACHE");
}

/// At least `least`, in the documented words; and no more than anything could hold.
void check_length(const char* flag, std::int64_t value, std::int64_t least) {
  TTX_CHECK_AS(value >= least, ExitCode::kUsage, "arguments", "{} must be >= {}: got {}", flag, least, value);
  TTX_CHECK_AS(value <= kMaxSeqLen, ExitCode::kUsage, "arguments", "{}: got {}, expected at most {}", flag,
               value, kMaxSeqLen);
}

/// In the documented order.
void check(const RunEvalOptions& o) {
  TTX_CHECK_AS(o.batch == 1, ExitCode::kUsage, "arguments",
               "Only batch=1 is supported by the bringup eval: got --batch {}", o.batch);
  check_length("--prefill-len", o.prefill_len, 1);
  check_length("--decode-len", o.decode_len, 0);
  TTX_CHECK_AS(o.trace == 0 || o.trace == 1, ExitCode::kUsage, "arguments", "--trace must be 0 or 1: got {}",
               o.trace);
  if (o.max_seq_len) {
    check_length("--max-seq-len", *o.max_seq_len, 1);
  }
}

void take_ranges(RunEvalOptions& o, const Given& given) {
  const bool prefill = !given.prefill_range.empty();
  const bool seq_len = !given.seq_len_range.empty();
  TTX_CHECK_AS(!prefill || !seq_len, ExitCode::kUsage, "arguments", "{} and {} exclude each other; give one",
               kPrefillRange, kSeqLenRange);
  TTX_CHECK_AS(!prefill || given.prefill_len->count() == 0, ExitCode::kUsage, "arguments",
               "--prefill-len and {} exclude each other; give one", kPrefillRange);
  TTX_CHECK_AS(!seq_len || !o.max_seq_len, ExitCode::kUsage, "arguments",
               "--max-seq-len and {} exclude each other; give one", kSeqLenRange);
  TTX_CHECK_AS(!seq_len || o.mode == EvalMode::kTt, ExitCode::kUsage, "arguments",
               "{} goes with --mode tt: the reference has no cache whose length could matter", kSeqLenRange);
  if (prefill) {
    o.prefill_len_range = parse_length_range(given.prefill_range, kPrefillRange);
  }
  if (seq_len) {
    o.max_seq_len_range = parse_length_range(given.seq_len_range, kSeqLenRange);
  }
}

}  // namespace

LengthRange parse_length_range(const std::string& text, const std::string& flag) {
  std::vector<std::int64_t> numbers;
  bool whole = true;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t colon = std::min(text.find(':', at), text.size());
    const auto number = integer_of(text.substr(at, colon - at));
    whole = whole && number.has_value();
    numbers.push_back(number.value_or(0));
    at = colon + 1;
  }
  TTX_CHECK_AS(whole && (numbers.size() == 2 || numbers.size() == 3), ExitCode::kUsage, "arguments",
               "{}: got \"{}\", expected start:end or start:end:step in whole numbers", flag, text);
  const LengthRange range{numbers[0], numbers[1], numbers.size() == 3 ? numbers[2] : 1};
  TTX_CHECK_AS(range.start >= 1 && range.start <= range.end && range.step >= 1, ExitCode::kUsage, "arguments",
               "{}: got \"{}\", expected 1 <= start <= end and step >= 1", flag, text);
  TTX_CHECK_AS(range.end <= kMaxSeqLen, ExitCode::kUsage, "arguments", "{}: got \"{}\", expected at most {}",
               flag, text, kMaxSeqLen);
  return range;
}

std::optional<RunEvalOptions> parse_run_eval_options(int argc, char** argv) {
  RunEvalOptions o;
  Given given;
  CLI::App app(
      "Top-1 / top-5 agreement for a prompt of a given length, without a prompt: its tokens are those of an "
      "English sentence, again and again. Prints one line, YT_METRICS={...}, per evaluation.\n"
      "It is one process, which starts the ranks that a bring-up wants with ttx-launch.",
      "ttx-run-eval");
  declare(app, o, given);
  if (parse(app, argc, argv, Speak::kYes) == Parsed::kHelpShown) {
    return std::nullopt;
  }
  o.mode = given.mode == "tt" ? EvalMode::kTt : EvalMode::kHf;
  check(o);
  take_ranges(o, given);
  return o;
}

std::vector<EvalPoint> eval_points(const RunEvalOptions& o) {
  const LengthRange prompts = o.prefill_len_range.value_or(LengthRange{o.prefill_len, o.prefill_len, 1});
  std::vector<EvalPoint> points;
  for (std::int64_t prefill_len = prompts.start; prefill_len <= prompts.end; prefill_len += prompts.step) {
    if (!o.max_seq_len_range) {
      points.push_back({prefill_len, o.max_seq_len});
      continue;
    }
    for (std::int64_t length = o.max_seq_len_range->start; length <= o.max_seq_len_range->end;
         length += o.max_seq_len_range->step) {
      points.push_back({prefill_len, length});
    }
  }
  for (const EvalPoint& point : points) {
    TTX_CHECK_AS(!point.max_seq_len || *point.max_seq_len >= point.prefill_len + o.decode_len,
                 ExitCode::kUsage, "arguments",
                 "--max-seq-len must be >= prefill_len + decode_len: got {}, expected at least {}",
                 *point.max_seq_len, point.prefill_len + o.decode_len);
  }
  return points;
}

}  // namespace ttx::launch
