// SPDX-License-Identifier: Apache-2.0
#include "tests/support/processes.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

namespace ttx::test {

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

std::vector<pid_t> processes(const std::string& name, const std::vector<std::string>& environment) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string number = entry.path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos ||
        text_of(entry.path() / "comm") != name + "\n") {
      continue;
    }
    const std::string variables =
        std::string(1, '\0') + text_of(entry.path() / "environ");  // a zombie's: empty
    if (std::all_of(environment.begin(), environment.end(), [&](const std::string& setting) {
          return variables.find('\0' + setting + '\0') != std::string::npos;
        })) {
      found.push_back(static_cast<pid_t>(std::stol(number)));
    }
  }
  return found;
}

std::vector<pid_t> wait_for_processes(std::size_t count, const std::string& name,
                                      const std::vector<std::string>& environment) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (;;) {
    std::vector<pid_t> found = processes(name, environment);
    if (found.size() == count || std::chrono::steady_clock::now() > deadline) {
      return found;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace ttx::test
