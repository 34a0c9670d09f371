// SPDX-License-Identifier: Apache-2.0
#include "runtime/progress.hpp"

#include <fcntl.h>
#include <pty.h>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ttx {
namespace {

/// Runs `body` with stderr going to `sink`, then restores it and closes the sink.
template <class Body>
void with_stderr(int sink, Body body) {
  const int saved = dup(STDERR_FILENO);
  dup2(sink, STDERR_FILENO);
  body();
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(sink);
}

std::string read_available(int source) {
  fcntl(source, F_SETFL, O_NONBLOCK);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(source, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  close(source);
  return text;
}

void load_hundred() {
  Progress bar("Loading weights", 100);
  for (int i = 0; i < 100; ++i) {
    bar.advance();
    if (i == 49) {
      usleep(120000);
      bar.advance(0);
    }
  }
}

TEST(Progress, IsQuietInAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  with_stderr(ends[1], load_hundred);
  EXPECT_EQ(read_available(ends[0]), "");
}

TEST(Progress, ShowsShareAndTimeOnATerminalAndWipesItself) {
  int master = 0;
  int slave = 0;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  const int keep = dup(slave);  // what was written stays readable while one end is open
  with_stderr(slave, load_hundred);
  const std::string text = read_available(master);
  close(keep);
  EXPECT_THAT(text, ::testing::StartsWith("\r\x1b[KLoading weights  0 %"));
  EXPECT_THAT(text, ::testing::ContainsRegex("Loading weights  50 %  [0-9]+:[0-9][0-9] left"));
  EXPECT_THAT(text, ::testing::EndsWith("\r\x1b[K"));
}

TEST(Progress, LineTellsShareDoneAndTimeLeft) {
  using Seconds = std::chrono::duration<double>;
  EXPECT_EQ(Progress::line("t", 0, 7, Seconds(3)), "t  0 %");
  EXPECT_EQ(Progress::line("t", 1, 4, Seconds(20)), "t  25 %  1:00 left");
  EXPECT_EQ(Progress::line("t", 999, 1000, Seconds(1)), "t  99 %  0:01 left");
  EXPECT_EQ(Progress::line("t", 4, 4, Seconds(20)), "t  100 %  0:00 left");
}

}  // namespace
}  // namespace ttx
