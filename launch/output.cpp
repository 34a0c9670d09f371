// SPDX-License-Identifier: Apache-2.0
#include "launch/output.hpp"

#include <cstdio>

#include <fmt/core.h>

namespace ttx::launch {

void Output::operator()(std::string_view line) const {
  if (speaks_) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
}

bool Output::failed() const { return std::ferror(stdout) != 0; }

}  // namespace ttx::launch
