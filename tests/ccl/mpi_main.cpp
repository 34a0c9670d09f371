// SPDX-License-Identifier: Apache-2.0
// The main of tests with several ranks. After every test the ranks agree on whether it failed anywhere; rank
// 0 reports the failures of all, by rank, as its own. A rank that fails while the others wait for it ends the
// job.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ccl/environment.hpp"
#include "tests/ccl/mpi_world.hpp"

namespace {

/// After a failure the other ranks have this long to come to the end of the test.
constexpr unsigned kGraceSeconds = 3;

const ttx::ccl::Communicator* the_world = nullptr;

// What the alarm prints: it may not allocate.
const char* pending_text = nullptr;
std::size_t pending_length = 0;

extern "C" void give_up(int /*signal*/) {
  constexpr char kReason[] = "The other ranks do not come to the end of this test: ending the job.\n";
  [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, pending_text, pending_length);
  ignored = write(STDERR_FILENO, kReason, sizeof kReason - 1);
  _exit(1);
}

class RankListener : public testing::EmptyTestEventListener {
 public:
  explicit RankListener(const ttx::ccl::Communicator& world) : harness_(world.line()) {}

 private:
  void OnTestStart(const testing::TestInfo& /*info*/) override { text_.clear(); }

  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed() && !reporting_) {
      text_ += fmt::format("[rank {}] {}:{}: {}\n", harness_.rank(),
                           result.file_name() != nullptr ? result.file_name() : "unknown file",
                           result.line_number(), result.message());
    }
  }

  void OnTestEnd(const testing::TestInfo& /*info*/) override {
    if (!text_.empty()) {
      pending_text = text_.data();
      pending_length = text_.size();
      signal(SIGALRM, give_up);
      alarm(kGraceSeconds);
    }
    const std::int64_t failed = harness_.sleeping_max(text_.empty() ? 0 : 1);
    alarm(0);
    if (failed != 0) {
      report();
    }
  }

  void report() {
    const std::vector<std::int64_t> own = {std::ssize(text_)};
    std::vector<std::int64_t> lengths(static_cast<std::size_t>(harness_.size()));
    harness_.all_gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(lengths)));
    std::int64_t total = 0;
    for (const std::int64_t length : lengths) {
      total += length;
    }
    std::string all(harness_.rank() == 0 ? static_cast<std::size_t>(total) : 0, ' ');
    harness_.gather_v(std::as_bytes(std::span(text_)), std::as_writable_bytes(std::span(all)), lengths, 0);
    // Rank 0's own failures stand in its output already.
    if (harness_.rank() == 0 && total > lengths[0]) {
      reporting_ = true;
      ADD_FAILURE() << "on other ranks:\n" << all.substr(static_cast<std::size_t>(lengths[0]));
      reporting_ = false;
    }
  }

  ttx::ccl::Communicator harness_;
  std::string text_;
  bool reporting_ = false;
};

/// TTX_TEST_RANKS, which ctest sets.
std::optional<int> promised_ranks() {
  const char* text = std::getenv("TTX_TEST_RANKS");
  return text == nullptr ? std::nullopt : std::optional(std::atoi(text));
}

int run_tests(const ttx::ccl::Communicator& world) {
  if (const auto promised = promised_ranks(); promised && *promised != world.size()) {
    fmt::print(stderr, "[rank {}] wrong number of ranks: got {}, expected {}\n", world.rank(), world.size(),
               *promised);
    return 1;
  }
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  if (world.rank() != 0) {
    delete listeners.Release(listeners.default_result_printer());
    delete listeners.Release(listeners.default_xml_generator());
  }
  // Taken back before MPI ends: it holds a communicator.
  RankListener listener(world);
  listeners.Append(&listener);
  const int result = RUN_ALL_TESTS();
  listeners.Release(&listener);
  return result;
}

}  // namespace

const ttx::ccl::Communicator& ttx::test::world() { return *the_world; }

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  std::string where = "[rank ?]";
  try {
    const ttx::ccl::Environment environment(argc, argv);
    where = fmt::format("[rank {}]", environment.world().rank());
    the_world = &environment.world();
    try {
      return run_tests(environment.world());
    } catch (const std::exception& error) {
      fmt::print(stderr, "{} {}\n", where, error.what());
      ttx::ccl::abort_job(1);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{} {}\n", where, error.what());
    return 1;
  }
}
