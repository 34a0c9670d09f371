// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ttx::launch {

/// A program's stdout: the documented lines only, from rank 0 only, each at once.
class Output {
 public:
  explicit Output(bool speaks) : speaks_(speaks) {}
  void operator()(std::string_view line) const;
  /// Whether a line could not be written (a full disk, a closed pipe).
  bool failed() const;

 private:
  bool speaks_;
};

}  // namespace ttx::launch
