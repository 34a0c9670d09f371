// SPDX-License-Identifier: Apache-2.0
//
// What a run takes: memory, once for all ranks, and no processor time while it waits.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/launch_command.hpp"
#include "tests/support/processes.hpp"

namespace ttx::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kOwnBytes = 40'000'000;  ///< of a process without a model

/// The checkpoint is large beside what a process takes anyway: 400 MB.
class TtxEvalResources : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempDir;
    const std::string config =
        folder
            ->write("config.json", R"({"model_type": "qwen3", "hidden_size": 1024, "num_attention_heads": 16,
          "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 3072, "num_hidden_layers": 12,
          "vocab_size": 8192})")
            .string();
    const CommandResult made = run(
        {.arguments = {program("ttx-synth"), "--config", config, "--output", (*folder / "model").string()},
         .environment = {},
         .folder = {}});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  static Command evaluation(const std::string& system, const std::string& model, const std::string& prompt,
                            std::vector<std::string> more) {
    const std::string ids = folder->write("ids.json", prompt).string();
    std::vector<std::string> arguments{
        "ttx-eval", bring_up(system), "--model", model, "--prompt_ids_file", ids, "--json", results_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return launch(*folder, arguments);
  }
  static nlohmann::json results_of(const CommandResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(results_file());
    return nlohmann::json::parse(stream, nullptr, false);
  }
  static std::string model() { return (*folder / "model").string(); }
  static std::string results_file() { return (*folder / "results.json").string(); }

  /// Of all ranks but rank 0.
  static double others(const nlohmann::json& json, const std::string& phase) {
    const auto used = json["cpu_seconds"][phase].get<std::vector<double>>();
    EXPECT_EQ(used.size(), 8U);
    return std::accumulate(used.begin() + 1, used.end(), 0.0);
  }

  static TempDir* folder;
};

TempDir* TtxEvalResources::folder = nullptr;

TEST_F(TtxEvalResources, WeightsLieInMemoryOnce) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "SKIPPED: the sanitizer's own memory counts here";
#endif
  const auto weights =
      static_cast<std::int64_t>(std::filesystem::file_size(*folder / "model/model.safetensors"));
  for (const char* system : {"n150", "n300", "t3000"}) {
    for (const char* transport : {"mpi", "shm"}) {
      const auto json = results_of(
          run(evaluation(system, model(), "[1, 2, 3]", {"--max_new_tokens", "4", "--ccl", transport})));
      const auto resident = json["memory"]["resident"].get<std::int64_t>();
      const auto ranks = json["ranks"].get<std::int64_t>();
      EXPECT_GT(resident, weights);
      // The cache holds seven positions. A second copy would be beyond this on each of the systems.
      EXPECT_LT(resident, weights + weights * 15 / 100 + kOwnBytes * ranks) << system << ", " << transport;
    }
  }
}

/// The reference is rank 0's; the seven others sleep through it and leave it the cores.
TEST_F(TtxEvalResources, RanksThatWaitForTheReferenceTakeNoProcessorTime) {
  nlohmann::json ids;
  for (int i = 0; i < 1900; ++i) {
    ids.push_back(3 + i * 37 % 1000);
  }
  for (const char* transport : {"mpi", "shm"}) {
    const TempDir cache;
    Command command = evaluation("t3000", demo_checkpoint(), ids.dump(),
                                 {"--max_new_tokens", "20", "--min_new_tokens", "20", "--ccl", transport});
    command.environment.push_back("TTX_CACHE=" + cache.path().string());
    const auto json = results_of(run(command));
    const double waiting = others(json, "reference");
    const double wall = json["seconds"]["reference"];
    EXPECT_GT(json["cpu_seconds"]["reference"][0], 7 * waiting / 2) << "rank 0 computes";
    EXPECT_LT(waiting, 0.35 * wall) << "of " << wall << " s, all seven together, " << transport;
  }
}

/// One rank is stopped as soon as it has the weights' file mapped, for longer than the whole load takes.
TEST_F(TtxEvalResources, RanksThatWaitForALoadTakeNoProcessorTime) {
  constexpr auto kStopped = 2500ms;
  for (const char* transport : {"mpi", "shm"}) {
    const auto evaluate = [&] {
      return run(evaluation("t3000", model(), "[1, 2, 3]", {"--max_new_tokens", "2", "--ccl", transport}));
    };
    const double usual = others(results_of(evaluate()), "total");

    const std::vector<std::string> last_rank{"TTX_CACHE=" + (*folder / "cache").string(),
                                             "OMPI_COMM_WORLD_RANK=7"};
    bool stopped = false;
    std::thread stopper([&] {
      const auto found = wait_for_processes(1, "ttx-eval", last_rank);
      const auto deadline = std::chrono::steady_clock::now() + 1min;
      while (found.size() == 1 && !stopped && std::chrono::steady_clock::now() < deadline) {
        std::ifstream maps("/proc/" + std::to_string(found.front()) + "/maps");
        const std::string text{std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>()};
        if (text.find("model.safetensors") != std::string::npos && kill(found.front(), SIGSTOP) == 0) {
          stopped = true;
          std::this_thread::sleep_for(kStopped);
          kill(found.front(), SIGCONT);
        }
      }
    });
    const CommandResult result = evaluate();
    stopper.join();
    ASSERT_TRUE(stopped);
    const auto json = results_of(result);
    EXPECT_GT(json["seconds"]["total"], 2.4);
    // Seven ranks that look again and again would keep two cores busy, or as many as there are.
    EXPECT_LT(others(json, "total") - usual, 1.2) << transport << ", usually " << usual << " s";
  }
}

}  // namespace
}  // namespace ttx::test
