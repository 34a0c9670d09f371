// SPDX-License-Identifier: Apache-2.0
#include "runtime/log.hpp"

#include <cstdlib>
#include <string>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

/// What `body` writes to stderr.
template <class Body>
std::string captured(Body body) {
  ::testing::internal::CaptureStderr();
  body();
  return ::testing::internal::GetCapturedStderr();
}

void write_all() {
  log::debug("d {}", 1);
  log::info("i {}", 2);
  log::warning("w {}", 3);
  log::error("e {}", 4);
}

class LogTest : public ::testing::Test {
 protected:
  void TearDown() override {
    unsetenv("TTX_LOG");
    log::init(0, "");
  }
};

TEST_F(LogTest, BeforeInitTheProcessIsRankZeroWithoutATag) {
  EXPECT_EQ(captured([] {}), "");
  EXPECT_EQ(captured(write_all), "info: i 2\nwarning: w 3\nerror: e 4\n");
}

TEST_F(LogTest, InfoComesFromRankZeroOnly) {
  EXPECT_EQ(captured([] { log::init(0, "(0, 0)"); }), "") << "starting must print nothing";
  EXPECT_EQ(captured(write_all),
            "[rank 0 (0, 0)] info: i 2\n[rank 0 (0, 0)] warning: w 3\n[rank 0 (0, 0)] error: e 4\n");
  log::init(3, "(0, 3)");
  EXPECT_EQ(captured(write_all), "[rank 3 (0, 3)] warning: w 3\n[rank 3 (0, 3)] error: e 4\n");
}

TEST_F(LogTest, TheEnvironmentChoosesTheLevel) {
  setenv("TTX_LOG", "debug", 1);
  log::init(0, "");
  EXPECT_THAT(captured(write_all), ::testing::StartsWith("[rank 0] debug: d 1\n"));
  log::init(1, "");
  EXPECT_THAT(captured(write_all), ::testing::StartsWith("[rank 1] warning: w 3\n"));
  setenv("TTX_LOG", "error", 1);
  log::init(0, "");
  EXPECT_EQ(captured(write_all), "[rank 0] error: e 4\n");
  setenv("TTX_LOG", "off", 1);
  log::init(0, "");
  EXPECT_EQ(captured(write_all), "");
  setenv("TTX_LOG", "", 1);
  log::init(0, "");
  EXPECT_TRUE(log::enabled(log::Level::kInfo));
  setenv("TTX_LOG", "loud", 1);
  test::expect_error(ExitCode::kUsage, {"[log]", "'loud'", "debug, info, warning, error or off"},
                     [] { log::init(0, ""); });
}

TEST_F(LogTest, BracesInAMessageAreText) {
  log::init(2, "");
  EXPECT_EQ(captured([] { log::write(log::Level::kError, "{} {0:q}"); }), "[rank 2] error: {} {0:q}\n");
}

}  // namespace
}  // namespace ttx
