// SPDX-License-Identifier: Apache-2.0
#include "launch/command_line.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

/// Rewrites what Python's int() takes as a decimal number ("+12", "007", "1_000", white space around it) to
/// plain digits; says what is wrong with anything else. CLI11 alone would read 007 as octal and 0x7 as
/// hexadecimal, and would take the greatest number for one that is too large.
template <typename Integer>
std::string take_integer(std::string& text) {
  constexpr std::string_view kBlank = " \t\n\v\f\r";
  const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  std::string digits = text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) {
    digits.erase(0, 1);
  }
  const bool grouped =
      !digits.starts_with('_') && !digits.ends_with('_') && digits.find("__") == std::string::npos;
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  if (!grouped || digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return fmt::format("got \"{}\", expected a whole decimal number", text);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const std::string plain = (negative && digits != "0" ? "-" : "") + digits;
  Integer value = 0;
  const auto [stop, problem] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (problem != std::errc{} || stop != plain.data() + plain.size()) {
    return fmt::format("got \"{}\", expected a number from {} to {}", text,
                       std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
  }
  text = plain;
  return "";
}

/// Options for whole numbers take them as argparse's type=int does.
void take_integers(CLI::App& app) {
  const CLI::Validator with_sign(take_integer<std::int64_t>, "");
  const CLI::Validator without_sign(take_integer<std::uint64_t>, "");
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT")) {
      option->transform(with_sign);
    } else if (type.starts_with("UINT")) {
      option->transform(without_sign);
    }
  }
}

/// Names the variable that a refused value came from: CLI11 names its flag.
std::string naming_the_variable(const CLI::App& app, const std::vector<std::string>& arguments,
                                const std::string& refusal) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string flag = option->get_name();
    const bool is_given = std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
      return argument.substr(0, argument.find('=')) == flag;
    });
    if (!option->get_envname().empty() && !is_given && refusal.starts_with(flag + ":")) {
      return option->get_envname() + refusal.substr(flag.size());
    }
  }
  return refusal;
}

}  // namespace

std::vector<std::string> expand_prefixes(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  std::map<std::string, const CLI::Option*> options;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
      options["--" + name] = option;
    }
  }
  std::vector<std::string> result;
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    if (*at == "--") {
      result.insert(result.end(), at, arguments.end());
      break;
    }
    const std::string flag = at->substr(0, at->find('='));
    if (flag.size() <= 2 || flag.compare(0, 2, "--") != 0 ||
        std::count(names.begin(), names.end(), flag) > 0) {
      result.push_back(*at);
      continue;
    }
    std::vector<std::string> matches;
    std::copy_if(names.begin(), names.end(), std::back_inserter(matches),
                 [&](const std::string& name) { return name.compare(0, flag.size(), flag) == 0; });
    // Two spellings of one flag (--dry-run, --dry_run) are no ambiguity.
    const bool is_one = std::all_of(matches.begin(), matches.end(), [&](const std::string& match) {
      return options.at(match) == options.at(matches.front());
    });
    TTX_CHECK_AS(is_one, ExitCode::kUsage, "arguments", "ambiguous flag {}: could be {}", flag,
                 fmt::join(matches, ", "));
    result.push_back(matches.empty() ? *at : matches.front() + at->substr(flag.size()));
  }
  return result;
}

std::optional<std::int64_t> integer_of(std::string text) {
  if (!take_integer<std::int64_t>(text).empty()) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Parsed parse(CLI::App& app, int argc, char** argv, Speak speak) {
  app.set_version_flag("--version", "ttx " TTX_VERSION);
  take_integers(app);
  const std::vector<std::string> arguments = expand_prefixes(app, {argv + 1, argv + argc});
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
  } catch (const CLI::CallForHelp&) {
    if (speak == Speak::kYes) {
      fmt::print("{}", app.help());
    }
    return Parsed::kHelpShown;
  } catch (const CLI::CallForVersion&) {
    if (speak == Speak::kYes) {
      fmt::print("ttx {}\n", TTX_VERSION);
    }
    return Parsed::kHelpShown;
  } catch (const CLI::ParseError& error) {
    TTX_FAIL_AS(ExitCode::kUsage, "arguments", "{}; see {} --help",
                naming_the_variable(app, arguments, error.what()), app.get_name());
  }
  return Parsed::kRun;
}

}  // namespace ttx::launch
