// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement.hpp"

#include <fmt/format.h>

namespace ttx {

std::string Placement::to_string() const {
  switch (kind) {
    case Kind::kReplicated:
      return "replicated";
    case Kind::kSharded:
      return fmt::format("sharded on dim {}", dim);
    case Kind::kPartial:
      return "partial";
  }
  return "?";
}

}  // namespace ttx
