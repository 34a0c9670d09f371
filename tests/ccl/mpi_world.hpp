// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ccl/communicator.hpp"

namespace ttx::test {

/// All ranks of the running test program. Defined by mpi_main.cpp, which every test with RANKS is linked to.
const ccl::Communicator& world();

}  // namespace ttx::test
