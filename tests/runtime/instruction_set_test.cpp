// SPDX-License-Identifier: Apache-2.0
#include "runtime/instruction_set.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "kernels/table.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

class InstructionSet : public testing::Test {
 protected:
  void SetUp() override { unsetenv("TTX_ISA"); }
  void TearDown() override {
    unsetenv("TTX_ISA");
    kernels::select(best_);
  }

  const kernels::Isa best_ = kernels::active().isa;
};

TEST_F(InstructionSet, TheBestWithoutAWish) {
  choose_instruction_set();
  EXPECT_EQ(instruction_set(), kernels::isa_name(best_));
  setenv("TTX_ISA", "", 1);
  choose_instruction_set();
  EXPECT_EQ(instruction_set(), kernels::isa_name(best_));
}

TEST_F(InstructionSet, EveryOneThatIsHereAndASentenceForTheOthers) {
  for (const kernels::Isa isa : kernels::kEveryIsa) {
    const std::string name(kernels::isa_name(isa));
    setenv("TTX_ISA", name.c_str(), 1);
    if (kernels::isa_supported(isa)) {
      choose_instruction_set();
      EXPECT_EQ(instruction_set(), name);
    } else {
      expect_error(ExitCode::kUsage, {"TTX_ISA: this processor does not have " + name + ", it has generic"},
                   [] { choose_instruction_set(); });
    }
  }
}

TEST_F(InstructionSet, TheFlagWins) {
  setenv("TTX_ISA", "abacus", 1);
  choose_instruction_set("generic");
  EXPECT_EQ(instruction_set(), "generic");
}

TEST_F(InstructionSet, UnknownNamesAreAnsweredWithWhatIsHere) {
  expect_error(ExitCode::kUsage,
               {"--isa: got \"abacus\", expected an instruction set that this processor has: generic"},
               [] { choose_instruction_set("abacus"); });
  setenv("TTX_ISA", "AVX2", 1);
  expect_error(ExitCode::kUsage, {"TTX_ISA: got \"AVX2\""}, [] { choose_instruction_set(); });
}

}  // namespace
}  // namespace ttx::test
