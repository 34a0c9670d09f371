// SPDX-License-Identifier: Apache-2.0
#include "ccl/start_variables.hpp"

#include <map>
#include <stdlib.h>
#include <string>

#include <gtest/gtest.h>

namespace ttx::ccl {
namespace {

using Variables = std::map<std::string, std::string>;

Variables started_with(const Variables& environment) {
  Variables result;
  for (const Variable& variable : start_variables([&](const char* name) {
         const auto found = environment.find(name);
         return found == environment.end() ? nullptr : found->second.c_str();
       })) {
    result[variable.name] = variable.value;
  }
  return result;
}

TEST(StartVariables, AWorldOfOneNeedsNoDaemonFolderOrNetwork) {
  EXPECT_EQ(started_with({}), (Variables{{"OMPI_MCA_mpi_yield_when_idle", "1"},
                                         {"OMPI_MCA_ess_singleton_isolated", "1"},
                                         {"OMPI_MCA_orte_create_session_dirs", "0"},
                                         {"OMPI_MCA_pml", "ob1"},
                                         {"OMPI_MCA_btl", "self"}}));
}

TEST(StartVariables, RanksOfOneHostTalkThroughSharedMemory) {
  Variables started = started_with({{"OMPI_COMM_WORLD_SIZE", "8"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "8"}});
  if (may_read_other_processes()) {
    EXPECT_EQ(started.count("OMPI_MCA_btl_vader_single_copy_mechanism"), 0U);
  } else {
    EXPECT_EQ(started["OMPI_MCA_btl_vader_single_copy_mechanism"], "none");
  }
  started.erase("OMPI_MCA_btl_vader_single_copy_mechanism");
  EXPECT_EQ(started, (Variables{{"OMPI_MCA_mpi_yield_when_idle", "1"}, {"OMPI_MCA_pml", "ob1"}}));
}

TEST(StartVariables, ManyHostsKeepTheirNetwork) {
  const Variables started =
      started_with({{"OMPI_COMM_WORLD_SIZE", "8"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}});
  EXPECT_EQ(started.count("OMPI_MCA_pml"), 0U);
  EXPECT_EQ(started.count("OMPI_MCA_btl"), 0U);
}

TEST(StartVariables, OtherLaunchersAreNotAWorldOfOne) {
  for (const char* sign : {"PMIX_RANK", "PMI_RANK", "PMI_FD"}) {
    const Variables started = started_with({{sign, "0"}});
    EXPECT_EQ(started.count("OMPI_MCA_ess_singleton_isolated"), 0U) << sign;
    EXPECT_EQ(started.count("OMPI_MCA_btl"), 0U) << sign;
  }
}

TEST(StartVariables, TheUserWins) {
  EXPECT_EQ(started_with({{"OMPI_MCA_mpi_yield_when_idle", "0"}}).count("OMPI_MCA_mpi_yield_when_idle"), 0U);
  for (const char* choice : {"OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mtl"}) {
    const Variables alone = started_with({{choice, "x"}});
    EXPECT_EQ(alone.count("OMPI_MCA_pml") + alone.count("OMPI_MCA_btl"), 0U) << choice;
    const Variables many =
        started_with({{choice, "x"}, {"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
    EXPECT_EQ(many.count("OMPI_MCA_pml"), 0U) << choice;
  }
}

TEST(ScopedVariables, AreTakenBack) {
  ASSERT_EQ(unsetenv("TTX_TEST_SCOPED"), 0);
  {
    const ScopedVariables scoped(std::vector{Variable{"TTX_TEST_SCOPED", "1"}});
    EXPECT_STREQ(getenv("TTX_TEST_SCOPED"), "1");
  }
  EXPECT_EQ(getenv("TTX_TEST_SCOPED"), nullptr);
}

}  // namespace
}  // namespace ttx::ccl
