// SPDX-License-Identifier: Apache-2.0
#include "launch/launch_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ttx::launch {
namespace {

using testing::HasSubstr;
using testing::Not;

LaunchTerms terms(int ranks, int cores) {
  LaunchTerms result;
  result.ranks = ranks;
  result.cores = cores;
  result.allowed_cores = cores;
  result.host = "here.example.org";
  result.program = {"ttx-eval", "model.cpp"};
  return result;
}

std::string line(const LaunchTerms& t) { return pasteable(launch_line(t)); }

TEST(LaunchLine, OneDeviceNeedsNoMpirun) {
  EXPECT_EQ(line(terms(1, 8)), "ttx-eval model.cpp");
  LaunchTerms root = terms(1, 1);
  root.root = true;
  EXPECT_EQ(line(root), "ttx-eval model.cpp");
}

const std::string kParameters =
    " --mca mpi_yield_when_idle 1 --mca pml ob1 --mca btl vader,self --mca opal_signal ''";

TEST(LaunchLine, OfTwoFourAndEightRanks) {
  EXPECT_EQ(line(terms(2, 2)),
            "mpirun -np 2 --bind-to core:if-supported" + kParameters + " -x TTX_CCL=shm ttx-eval model.cpp");
  EXPECT_EQ(line(terms(4, 2)), "mpirun -np 4 --oversubscribe --bind-to core:overload-allowed,if-supported" +
                                   kParameters + " -x TTX_CCL=shm ttx-eval model.cpp");
  EXPECT_EQ(line(terms(8, 16)), "mpirun -np 8 --bind-to none" + kParameters +
                                    " -x TTX_THREADS=2 -x TTX_CCL=shm ttx-eval model.cpp");
}

TEST(LaunchLine, RootAndUnreadablePeers) {
  LaunchTerms t = terms(8, 8);
  t.root = true;
  t.reads_peers = false;
  EXPECT_THAT(line(t), HasSubstr("mpirun -np 8 --allow-run-as-root --bind-to core:if-supported"));
  EXPECT_THAT(line(t), HasSubstr("--mca btl_vader_single_copy_mechanism none"));
}

TEST(LaunchLine, BindsOnlyRanksThatFillTheCores) {
  const auto bound = [](const LaunchTerms& t) { return line(t).find("--bind-to core") != std::string::npos; };
  EXPECT_TRUE(bound(terms(8, 8)));
  EXPECT_TRUE(bound(terms(8, 15)));
  EXPECT_FALSE(bound(terms(8, 7)));
  EXPECT_TRUE(bound(terms(8, 4)));  // two on every core
  LaunchTerms quota = terms(8, 2);
  quota.allowed_cores = 16;  // a quota of two
  EXPECT_FALSE(bound(quota));
  for (LaunchTerms masked : {terms(8, 8), terms(8, 4)}) {
    masked.every_core = false;  // mpirun would take others than the mask's
    EXPECT_FALSE(bound(masked));
  }
  EXPECT_FALSE(bound(terms(8, 16)));  // two threads each
  LaunchTerms one_thread = terms(8, 64);
  one_thread.program_threads = 1;
  EXPECT_FALSE(bound(one_thread));  // another job has the same idea
  LaunchTerms share = terms(8, 8);
  share.allowed_cores = 64;
  EXPECT_FALSE(bound(share));  // so have other control groups
  LaunchTerms many_threads = terms(8, 8);
  many_threads.environment["TTX_THREADS"] = "2";
  EXPECT_FALSE(bound(many_threads));
}

TEST(LaunchLine, ThreadsAreTheUsersOrTheCoresShare) {
  EXPECT_EQ(threads_per_rank(terms(8, 20)), 2);
  EXPECT_EQ(threads_per_rank(terms(8, 2)), 1);
  EXPECT_EQ(threads_per_rank(terms(1, 6)), 6);
  LaunchTerms t = terms(8, 64);
  t.environment["TTX_THREADS"] = "3";
  EXPECT_EQ(threads_per_rank(t), 3);
  EXPECT_THAT(line(t), Not(HasSubstr("-x TTX_THREADS")));  // ranks inherit it
  t.program_threads = 5;
  EXPECT_EQ(threads_per_rank(t), 5);
  EXPECT_THAT(line(t), Not(HasSubstr("TTX_THREADS")));
}

TEST(LaunchLine, TheUsersTransportStays) {
  LaunchTerms variable = terms(8, 8);
  variable.environment["TTX_CCL"] = "mpi";
  EXPECT_THAT(line(variable), Not(HasSubstr("TTX_CCL")));
  LaunchTerms flag = terms(8, 8);
  flag.program_chooses_ccl = true;
  EXPECT_THAT(line(flag), Not(HasSubstr("TTX_CCL")));
  LaunchTerms parameter = terms(8, 8);
  parameter.environment["OMPI_MCA_pml"] = "ucx";
  EXPECT_THAT(line(parameter), Not(HasSubstr("ob1")));
}

TEST(LaunchLine, WhatIsSaidToMpirunIsNotSaidTwice) {
  LaunchTerms t = terms(8, 2);
  t.root = true;
  t.mpi =
      MpirunWords({"--oversubscribe", "--allow-run-as-root", "--bind-to", "core", "--mca", "btl", "tcp,self",
                   "--mca", "opal_signal", "11", "--mca", "mpi_yield_when_idle", "0", "-x", "TTX_CCL=mpi"});
  EXPECT_EQ(line(t),
            "mpirun -np 8 --oversubscribe --allow-run-as-root --bind-to core --mca btl tcp,self --mca "
            "opal_signal 11 "
            "--mca mpi_yield_when_idle 0 -x TTX_CCL=mpi ttx-eval model.cpp");
}

TEST(LaunchLine, OversubscriptionAsAParameterIsNotSaidTwice) {
  LaunchTerms t = terms(4, 2);
  t.environment["OMPI_MCA_rmaps_base_no_oversubscribe"] = "1";
  EXPECT_THAT(line(t), Not(HasSubstr("--oversubscribe")));
  t = terms(4, 2);
  t.mpi = MpirunWords({"--mca", "rmaps_base_oversubscribe", "1"});
  EXPECT_THAT(line(t), Not(HasSubstr("--oversubscribe")));
}

TEST(LaunchLine, APlacementLeavesTheBindingOpenUnlessItNamesCores) {
  LaunchTerms t = terms(2, 8);
  t.mpi = MpirunWords({"--map-by", "slot"});
  EXPECT_THAT(line(t), HasSubstr("--bind-to none"));
  t.mpi = MpirunWords({"--map-by", "slot:PE=4"});
  EXPECT_THAT(line(t), Not(HasSubstr("--bind-to")));
}

TEST(LaunchLine, AnEmptyVariableIsNoChoice) {
  LaunchTerms t = terms(2, 8);
  t.environment["TTX_CCL"] = "";
  t.environment["TTX_THREADS"] = "";
  EXPECT_THAT(line(t), HasSubstr("-x TTX_THREADS=4 -x TTX_CCL=shm"));
}

TEST(LaunchLine, OneDeviceWithWordsForMpirunGoesThroughIt) {
  LaunchTerms t = terms(1, 2);
  t.mpi = MpirunWords({"--tag-output"});
  EXPECT_THAT(line(t), testing::StartsWith("mpirun -np 1 --tag-output --bind-to none"));
  EXPECT_THAT(line(t), Not(HasSubstr("TTX_CCL")));
}

LaunchTerms on_hosts(std::vector<std::string> words) {
  LaunchTerms t = terms(8, 2);
  t.mpi = MpirunWords(std::move(words));
  t.environment = {{"HF_HOME", "/models"}, {"HOME", "/root"},       {"TMPDIR", "/scratch"},
                   {"TTX_LOG", "debug"},   {"TT_METAL_CACHE", "x"}, {"TRANSFORMERS_CACHE", "y"},
                   {"XDG_CACHE_HOME", "z"}};
  return t;
}

TEST(LaunchLine, HostsKeepNeighboursTogetherAndGetTheVariables) {
  EXPECT_EQ(line(on_hosts({"--host", "a:4,b:4"})),
            "mpirun -np 8 --host a:4,b:4 --map-by slot --rank-by slot --mca mpi_yield_when_idle 1 --mca "
            "opal_signal '' "
            "-x HF_HOME -x TMPDIR -x TRANSFORMERS_CACHE -x TTX_LOG -x TT_METAL_CACHE -x XDG_CACHE_HOME "
            "ttx-eval model.cpp");
}

TEST(LaunchLine, HostsOfSeveralThreadsPerRank) {
  LaunchTerms t = on_hosts({"--hostfile", "hosts", "-x", "HF_HOME=/other"});
  t.program_threads = 4;
  EXPECT_THAT(line(t), HasSubstr("--bind-to none"));
  EXPECT_THAT(line(t), Not(HasSubstr("-x HF_HOME ")));
}

TEST(LaunchLine, ThisHostByNameIsOneHost) {
  for (const char* name : {"localhost:8", "here:8", "here.example.org:8", "localhost:4,here:4"}) {
    EXPECT_FALSE(many_hosts(on_hosts({"--host", name}))) << name;
  }
  EXPECT_TRUE(many_hosts(on_hosts({"--host", "here:4,there:4"})));
  EXPECT_FALSE(many_hosts(terms(8, 2)));
  for (const char* variable :
       {"PBS_NODEFILE", "LSB_DJOB_HOSTFILE", "PE_HOSTFILE", "OMPI_MCA_orte_default_hostfile"}) {
    LaunchTerms t = terms(8, 2);
    t.environment[variable] = "file";
    EXPECT_TRUE(many_hosts(t)) << variable;
  }
  LaunchTerms slurm = terms(8, 2);
  slurm.environment["SLURM_JOB_NUM_NODES"] = "1";
  EXPECT_FALSE(many_hosts(slurm));
  slurm.environment["SLURM_JOB_NUM_NODES"] = "2";
  EXPECT_TRUE(many_hosts(slurm));
}

TEST(LaunchLine, IsQuotedForAShell) {
  LaunchTerms t = terms(1, 1);
  t.program = {"ttx-eval", "--prompt", "it's $5", ""};
  EXPECT_EQ(line(t), R"(ttx-eval --prompt 'it'\''s $5' '')");
}

}  // namespace
}  // namespace ttx::launch
