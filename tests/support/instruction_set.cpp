// SPDX-License-Identifier: Apache-2.0
// Linked into the tests that run kernels: TTX_ISA chooses their instruction set, as it does for programs.
#include "runtime/instruction_set.hpp"

#include <cstdio>

#include <gtest/gtest.h>

namespace {

class InstructionSet : public testing::Environment {
  void SetUp() override {
    ttx::choose_instruction_set();
    std::printf("Kernels: %s\n", ttx::instruction_set().c_str());
  }
};

[[maybe_unused]] const testing::Environment* const kRegistered =
    testing::AddGlobalTestEnvironment(new InstructionSet);

}  // namespace
