// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_tt.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

#include "launch/child.hpp"
#include "launch/find_program.hpp"
#include "launch/interruption.hpp"
#include "launch/launch_outcome.hpp"
#include "launch/temporary_folder.hpp"
#include "launch/yarn_factor.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr std::int64_t kLeastSeqLen = 2048;  // what ttx-eval asks for

/// The fraction in the last line that begins with `name`.
std::optional<double> fraction_of(std::string_view output, std::string_view name) {
  std::optional<double> found;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    const std::size_t open = line.rfind('(');
    const std::size_t close = line.rfind(')');
    if (!line.starts_with(name) || open == std::string_view::npos || close == std::string_view::npos ||
        close < open) {
      continue;
    }
    double value = 0;
    const auto [stop, error] = std::from_chars(line.data() + open + 1, line.data() + close, value);
    if (error == std::errc{} && stop == line.data() + close) {
      found = value;
    }
  }
  return found;
}

void write_all(const std::string& text, std::FILE* stream) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

std::vector<std::string> eval_command(const RunEvalOptions& o, const EvalPoint& point,
                                      const std::filesystem::path& launcher,
                                      const std::filesystem::path& bring_up,
                                      const std::filesystem::path& prompt_ids_file) {
  const std::int64_t max_seq_len =
      point.max_seq_len.value_or(std::max(kLeastSeqLen, point.prefill_len + o.decode_len));
  std::vector<std::string> words = {launcher.string(),
                                    "ttx-eval",
                                    bring_up.string(),
                                    "--model",
                                    o.weights(),
                                    "--prompt_ids_file",
                                    prompt_ids_file.string(),
                                    "--max_new_tokens",
                                    std::to_string(o.decode_len),
                                    "--max_seq_len",
                                    std::to_string(max_seq_len)};
  if (o.cache_dir) {
    words.insert(words.end(), {"--cache_dir", *o.cache_dir});
  }
  if (o.yarn_factor != hf::YarnFactor::kFile) {
    words.insert(words.end(), {"--yarn_factor", to_string(o.yarn_factor)});
  }
  if (o.prefill_decode || point.prefill_len > kLongestPrefill) {
    words.emplace_back("--prefill_decode");
  }
  if (o.no_cache) {
    words.emplace_back("--no_cache");
  }
  return words;
}

Agreement parse_accuracy(std::string_view output) {
  const auto top1 = fraction_of(output, "Top-1 accuracy:");
  const auto top5 = fraction_of(output, "Top-5 accuracy:");
  TTX_CHECK(top1 && top5, "run-eval", "Failed to parse ttx-eval output: it has no line \"Top-{} accuracy:\"",
            top1 ? 5 : 1);
  return {.top1 = *top1, .top5 = *top5, .total = 0};
}

Agreement evaluate_bring_up(const RunEvalOptions& o, const EvalPoint& point,
                            const std::filesystem::path& bring_up, std::span<const std::int32_t> prompt) {
  const TemporaryFolder folder("ttx-run-eval-");
  const std::filesystem::path ids = folder.path() / "prompt_ids.json";
  write_file(ids, fmt::format("[{}]\n", fmt::join(prompt, ", ")));

  const bool live = ::isatty(STDERR_FILENO) == 1;
  std::string out;
  std::string err;
  const auto into = [live](std::string& text) {
    return [live, &text](std::string_view bytes) {
      text.append(bytes);
      if (live) {
        std::fwrite(bytes.data(), 1, bytes.size(), stderr);
      }
    };
  };
  const ChildEnd end = run_child(eval_command(o, point, find_program("ttx-launch"), bring_up, ids),
                                 ChildGroup::kOwn, into(err), into(out));
  if (end.passed_on != 0) {
    Interruption::note(end.passed_on);
    Interruption::check();
  }
  const LaunchOutcome outcome = outcome_of_program(end, "ttx-launch");
  if (outcome.exit_code != 0) {
    if (!live) {
      write_all(out, stdout);
      write_all(err, stderr);
    }
    TTX_FAIL_AS(static_cast<ExitCode>(outcome.exit_code), "run-eval",
                "ttx-eval failed with exit code {} (prefill_len {}, decode_len {}); {}", outcome.exit_code,
                point.prefill_len, o.decode_len,
                outcome.sentence.empty() ? "what it says is above" : outcome.sentence);
  }
  Agreement agreement = parse_accuracy(out);
  agreement.total = o.decode_len;
  return agreement;
}

}  // namespace ttx::launch
