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

}  // namespace ttx::launch
