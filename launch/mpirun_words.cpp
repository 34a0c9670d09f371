// SPDX-License-Identifier: Apache-2.0
#include "launch/mpirun_words.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <utility>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

/// The name of a flag, empty for any other word.
std::string_view flag_name(std::string_view word) {
  if (word.size() < 2 || word.front() != '-') {
    return {};
  }
  word.remove_prefix(word[1] == '-' ? 2 : 1);
  return word;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

MpirunWords::MpirunWords(std::vector<std::string> words) : words_(std::move(words)) {
  TTX_CHECK_AS(words_.empty() || !flag_name(words_.front()).empty(), ExitCode::kUsage, "arguments",
               "--mpi: got \"{}\" first, expected a flag of mpirun: it would be taken for the program",
               words_.front());
  for (const std::string& word : words_) {
    TTX_CHECK_AS(!is_one_of(flag_name(word), {"np", "n", "c"}), ExitCode::kUsage, "arguments",
                 "--mpi: got {}, but ttx-launch counts the ranks; give it --ranks N instead", word);
    TTX_CHECK_AS(word != ":" && !is_one_of(flag_name(word), {"app"}), ExitCode::kUsage, "arguments",
                 "--mpi: got \"{}\", expected flags for one program; start several with mpirun itself", word);
  }
}

bool MpirunWords::have(std::initializer_list<std::string_view> flags) const {
  return std::any_of(words_.begin(), words_.end(),
                     [&](const std::string& word) { return is_one_of(flag_name(word), flags); });
}

bool MpirunWords::set_parameter(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
    if (is_one_of(flag_name(words_[i]), {"mca", "gmca", "omca"}) && words_[i + 1] == name) {
      return true;
    }
  }
  return false;
}

bool MpirunWords::export_variable(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
    if (is_one_of(flag_name(words_[i]), {"x"}) &&
        std::string_view(words_[i + 1]).substr(0, words_[i + 1].find('=')) == name) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> MpirunWords::hosts() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
    if (is_one_of(flag_name(words_[i]), {"host", "H"})) {
      std::istringstream list(words_[i + 1]);
      for (std::string host; std::getline(list, host, ',');) {
        result.push_back(host.substr(0, host.find(':')));
      }
    }
  }
  return result;
}

}  // namespace ttx::launch
