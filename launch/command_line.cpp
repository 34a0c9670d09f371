// SPDX-License-Identifier: Apache-2.0
#include "launch/command_line.hpp"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

std::vector<std::string> expand_prefixes(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
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
    TTX_CHECK_AS(matches.size() <= 1, ExitCode::kUsage, "arguments", "ambiguous flag {}: could be {}", flag,
                 fmt::join(matches, ", "));
    result.push_back(matches.empty() ? *at : matches.front() + at->substr(flag.size()));
  }
  return result;
}

Parsed parse(CLI::App& app, int argc, char** argv, Speak speak) {
  app.set_version_flag("--version", "ttx " TTX_VERSION);
  std::vector<std::string> arguments = expand_prefixes(app, {argv + 1, argv + argc});
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
  try {
    app.parse(arguments);
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
    TTX_FAIL_AS(ExitCode::kUsage, "arguments", "{}; see {} --help", error.what(), app.get_name());
  }
  return Parsed::kRun;
}

}  // namespace ttx::launch
