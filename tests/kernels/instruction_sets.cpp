// SPDX-License-Identifier: Apache-2.0
// For launch/test-isas: every instruction set and whether it is the best of this processor, another that it
// has, or missing; a line each.
#include <cstdio>
#include <string>

#include "kernels/table.hpp"

int main() {
  using namespace ttx::kernels;
  for (const Isa isa : kEveryIsa) {
    const char* state = isa == active().isa ? "best" : isa_supported(isa) ? "supported" : "missing";
    std::printf("%s %s\n", std::string(isa_name(isa)).c_str(), state);
  }
  return 0;
}
