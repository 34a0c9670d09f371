// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::launch {

/// What the user tells mpirun himself (`ttx-launch --mpi "..."`), and what can be asked of it.
class MpirunWords {
 public:
  MpirunWords() = default;
  /// Throws Error(kUsage) when the words count ranks (-np and its like), or would be taken for the program.
  explicit MpirunWords(std::vector<std::string> words);

  const std::vector<std::string>& all() const { return words_; }
  /// Whether any of these flags is given. Names without dashes: mpirun takes one or two.
  bool have(std::initializer_list<std::string_view> flags) const;
  /// Whether an MCA parameter is set.
  bool set_parameter(std::string_view name) const;
  /// Whether a variable is exported, with a value or as it is.
  bool export_variable(std::string_view name) const;
  /// The names of --host, without their slots.
  std::vector<std::string> hosts() const;

 private:
  std::vector<std::string> words_;
};

}  // namespace ttx::launch
