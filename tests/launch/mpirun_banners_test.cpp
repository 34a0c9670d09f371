// SPDX-License-Identifier: Apache-2.0
#include "launch/mpirun_banners.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ttx::launch {
namespace {

const std::string kFrame(74, '-');
const std::string kFrameLine = kFrame + "\n";
const std::string kPrimary = kFrameLine +
                             "Primary job  terminated normally, but 1 process returned\n"
                             "a non-zero exit code. Per user-direction, the job has been aborted.\n" +
                             kFrameLine;
const std::string kExited =
    kFrameLine +
    "mpirun detected that one or more processes exited with non-zero status, thus causing\n"
    "the job to be terminated. The first process to do so was:\n\n"
    "  Process name: [[13464,1],1]\n  Exit code:    4\n" +
    kFrameLine;
const std::string kKilled =
    kFrameLine + "mpirun noticed that process rank 5 with PID 0 on node vm exited on signal 9 (Killed).\n" +
    kFrameLine;
const std::string kAborted =
    kFrameLine +
    "MPI_ABORT was invoked on rank 2 in communicator MPI_COMM_WORLD\nwith errorcode 5.\n\n"
    "NOTE: invoking MPI_ABORT causes Open MPI to kill all MPI processes.\n"
    "You may or may not see output from other processes, depending on\n"
    "exactly when Open MPI kills them.\n" +
    kFrameLine;
const std::string kSlots = kFrameLine +
                           "There are not enough slots available in the system to satisfy the 20\nslots.\n" +
                           kFrameLine;

struct Filtered {
  std::string text;
  MpirunBanners::Seen seen;
};

/// In pieces of that many bytes.
Filtered filtered(const std::string& text, std::size_t piece = 4096) {
  Filtered result;
  MpirunBanners banners([&](std::string_view passed) { result.text += passed; });
  for (std::size_t at = 0; at < text.size(); at += piece) {
    banners.feed(std::string_view(text).substr(at, piece));
  }
  banners.finish();
  result.seen = banners.seen();
  return result;
}

TEST(MpirunBanners, NotesOfAFailedJobAreDropped) {
  for (const std::string& notes : {kPrimary, kExited, kKilled, kAborted, kPrimary + kExited}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      const Filtered result = filtered("before\n" + notes + "after\n", piece);
      EXPECT_EQ(result.text, "before\nafter\n");
      EXPECT_TRUE(result.seen.ranks_ran);
      EXPECT_FALSE(result.seen.other_notes);
    }
  }
}

TEST(MpirunBanners, TellWhoWasKilled) {
  const auto killed = filtered(kPrimary + kKilled).seen.killed;
  ASSERT_TRUE(killed.has_value());
  EXPECT_EQ(killed->rank, 5);
  EXPECT_EQ(killed->host, "vm");
  EXPECT_EQ(killed->signal, 9);
  const auto broken = filtered(kFrameLine +
                               "mpirun noticed that process rank 0 with PID 17 on node a exited on\n"
                               "signal 11 (Segmentation fault).\n" +
                               kFrameLine)
                          .seen.killed;
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->signal, 11);
  EXPECT_FALSE(filtered(kPrimary + kExited).seen.killed.has_value());
}

TEST(MpirunBanners, EverythingElsePasses) {
  for (const std::string& text :
       {kSlots, std::string("a rank's word\n\n"), std::string("no line end"), kFrameLine, kFrame,
        std::string("-"), kFrameLine + kFrameLine + "x\n",
        std::string("Primary job  terminated normally, but unframed\n"), std::string("\r\x1b[K 42 %")}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{4096}}) {
      EXPECT_EQ(filtered(text, piece).text, text);
    }
  }
  EXPECT_TRUE(filtered(kSlots).seen.other_notes);
  EXPECT_FALSE(filtered(kSlots).seen.ranks_ran);
}

TEST(MpirunBanners, NotesOfBothKindsSideBySide) {
  EXPECT_EQ(filtered(kSlots + kPrimary + kSlots).text, kSlots + kSlots);
  EXPECT_EQ(filtered(kFrameLine + kKilled).text, kFrameLine);
  EXPECT_TRUE(filtered(kFrameLine + "of a rank\n" + kKilled).seen.killed.has_value());
}

TEST(MpirunBanners, ARanksWordWithinANotePasses) {
  std::string text = kExited;
  text.insert(text.find("  Exit code"), "ttx-eval: error: [model] the reason\n");
  EXPECT_EQ(filtered(text).text, "ttx-eval: error: [model] the reason\n");
}

TEST(MpirunBanners, AnUnfinishedLinePassesAtOnce) {
  std::string passed;
  MpirunBanners banners([&](std::string_view text) { passed += text; });
  banners.feed("Loading 12 %");
  EXPECT_EQ(passed, "Loading 12 %");
  banners.feed("\rLoading 13 %\n---");
  EXPECT_EQ(passed, "Loading 12 %\rLoading 13 %\n");
}

}  // namespace
}  // namespace ttx::launch
