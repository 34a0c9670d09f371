// SPDX-License-Identifier: Apache-2.0
#include "launch/program_arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "launch/eval_options.hpp"
#include "models/common/model_module.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

/// Whether `argument` is the flag, or a prefix of it that no other flag of the programs has.
bool is_flag(std::string_view argument, std::string_view flag, std::size_t shortest) {
  const std::string_view name = argument.substr(0, argument.find('='));
  return name.size() >= shortest && flag.substr(0, name.size()) == name;
}

/// Of `--flag=value` or `--flag value`; empty when there is none.
std::string value_at(const std::vector<std::string>& arguments, std::size_t i) {
  if (const std::size_t equals = arguments[i].find('='); equals != std::string::npos) {
    return arguments[i].substr(equals + 1);
  }
  return i + 1 < arguments.size() ? arguments[i + 1] : "";
}

int number_or_zero(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::max(value, 0) : 0;
}

bool looks_like_a_bring_up(const fs::path& path) {
  if (path.filename() == "model.cpp" || path.extension() == ".so") {
    return true;
  }
  std::error_code error;
  return fs::is_regular_file(path / "model.cpp", error) || fs::is_regular_file(path / "model.so", error);
}

}  // namespace

ProgramArguments read_program_arguments(const std::vector<std::string>& arguments) {
  ProgramArguments result;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& argument = arguments[i];
    if (is_flag(argument, "--mesh", 4)) {
      result.mesh = parse_mesh(value_at(arguments, i));
    } else if (is_flag(argument, "--threads", 3)) {
      result.threads = number_or_zero(value_at(arguments, i));
    } else if (is_flag(argument, "--ccl", 4)) {
      result.chooses_ccl = true;
    } else if (argument == "-h" || is_flag(argument, "--help", 3) || is_flag(argument, "--version", 3)) {
      result.asks_only = true;
    }
  }
  const auto found = std::find_if(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return !argument.empty() && argument.front() != '-' && looks_like_a_bring_up(argument);
  });
  if (found != arguments.end()) {
    result.bring_up = *found;
  } else if (!arguments.empty() && !arguments.front().empty() && arguments.front().front() != '-') {
    result.bring_up = arguments.front();
  }
  return result;
}

int count_ranks(std::optional<int> ranks, const ProgramArguments& arguments, const std::string& program) {
  if (ranks) {
    return *ranks;
  }
  if (arguments.asks_only) {
    return 1;
  }
  if (arguments.mesh) {
    return arguments.mesh->devices();
  }
  TTX_CHECK_AS(arguments.bring_up.has_value(), ExitCode::kUsage, "arguments",
               "nothing says how many ranks: got no bring-up (a model.cpp, its folder or a model.so) and no "
               "--mesh among the arguments of {}; give one, or --ranks N before {}",
               program, program);
  return LoadedModule(*arguments.bring_up)->mesh_shape.devices();
}

}  // namespace ttx::launch
