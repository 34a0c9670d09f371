// SPDX-License-Identifier: Apache-2.0
//
// ttx-run-eval: agreement of a bring-up, or of the reference with itself, for prompts of given lengths. The
// order of the steps is the order in which errors are found.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "launch/failure.hpp"
#include "launch/interruption.hpp"
#include "launch/output.hpp"
#include "launch/run_eval_metrics.hpp"
#include "launch/run_eval_model.hpp"
#include "launch/run_eval_options.hpp"
#include "launch/run_eval_prompt.hpp"
#include "launch/run_eval_self.hpp"
#include "launch/run_eval_tt.hpp"
#include "models/hf/hub_cache.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-run-eval";

/// Under mpirun every rank would start a job of its own, which Open MPI does not do.
void refuse_mpirun() {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr) {
    return;
  }
  if (std::string_view(rank) != "0") {
    std::this_thread::sleep_for(std::chrono::seconds(5));  // rank 0 says it, and mpirun then ends the others
  }
  TTX_FAIL_AS(ExitCode::kUsage, "arguments",
              "{} is one process, which starts the ranks itself: got started by mpirun; start it as it is",
              kName);
}

int run(const RunEvalOptions& options) {
  const std::vector<EvalPoint> points = eval_points(options);
  const PromptMaker maker(
      hf::resolve_model(options.weights(), options.cache_dir, hf::ModelNeeds::kTokenizer));
  maker.prompt(points.front().prefill_len);  // throws where the shortest has no room
  std::filesystem::path source;              // the bring-up, or the checkpoint
  std::optional<Interruption> interruption;  // while there are children and their files
  if (options.mode == EvalMode::kTt) {
    interruption.emplace();
    source = find_bring_up(options.hf_model, options.system);
  } else if (options.decode_len > 0) {
    source = hf::resolve_model(options.weights(), options.cache_dir);
  }
  const Output say(true);
  reference::TokenCache cache = options.no_cache ? reference::TokenCache::none() : reference::TokenCache();
  for (const EvalPoint& point : points) {
    const std::vector<std::int32_t> prompt = maker.prompt(point.prefill_len);
    const Agreement agreement =
        options.mode == EvalMode::kTt
            ? evaluate_bring_up(options, point, source, prompt)
            : score_reference(source, prompt, options.decode_len,
                              options.prefill_decode ? PromptPath::kDecode : PromptPath::kPrefill,
                              options.yarn_factor, cache);
    say(metrics_line(options, point, agreement));
    TTX_CHECK(!say.failed(), "output", "stdout could not be written");
    Interruption::check();
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    log::init(0, "");
    const std::optional<RunEvalOptions> options = parse_run_eval_options(argc, argv);
    if (!options) {
      return 0;
    }
    refuse_mpirun();
    try {
      return run(*options);
    } catch (const Interrupted&) {
      Interruption::end_process();
      return 1;
    }
  });
}
