// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace ttx::launch {

/// The arguments with every unambiguous prefix of a long flag spelled out, as Python's argparse takes them
/// (--max_new 5, --prompt_f=x). Throws Error(kUsage) on an ambiguous one. Arguments after "--" stay.
std::vector<std::string> expand_prefixes(const CLI::App& app, const std::vector<std::string>& arguments);

/// A whole number as Python's int() takes it; nullopt when it is none, or beyond 64 bits.
std::optional<std::int64_t> integer_of(std::string text);

enum class Parsed { kRun, kHelpShown };

/// Parses argv into `app`. Whole numbers are those of Python's int(): decimal, also +5, 007 and 1_000. --help
/// and --version print on stdout when `speak` is set and give kHelpShown; anything wrong throws Error(kUsage)
/// in one sentence that ends with where to look.
enum class Speak { kYes, kNo };
Parsed parse(CLI::App& app, int argc, char** argv, Speak speak);

}  // namespace ttx::launch
