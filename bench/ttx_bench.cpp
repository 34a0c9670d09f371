// SPDX-License-Identifier: Apache-2.0
//
// ttx-bench: how fast is a whole model, and how near to what the machine allows?
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bench/bench_options.hpp"
#include "bench/host_probe.hpp"
#include "bench/local_transport.hpp"
#include "bench/machine.hpp"
#include "bench/model_costs.hpp"
#include "bench/model_load.hpp"
#include "bench/model_report.hpp"
#include "bench/model_rounds.hpp"
#include "bench/probes.hpp"
#include "ccl/agreement.hpp"
#include "ccl/environment.hpp"
#include "ccl/line_order.hpp"
#include "kernels/table.hpp"
#include "launch/chosen_system.hpp"
#include "launch/eval_checks.hpp"
#include "launch/memory_use.hpp"
#include "launch/output.hpp"
#include "launch/plan_devices.hpp"
#include "launch/program.hpp"
#include "models/common/model_module.hpp"
#include "models/hf/hub_cache.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/instruction_set.hpp"
#include "runtime/log.hpp"
#include "runtime/progress.hpp"

namespace {

using namespace ttx;         // NOLINT(google-build-using-namespace): a program
using namespace ttx::bench;  // NOLINT(google-build-using-namespace): a program

constexpr const char* kName = "ttx-bench";

/// Leaves out what the cache cannot hold; throws Error(kLength) where that was asked for by name.
void keep_fitting(std::vector<std::int64_t>& values, bool given, const char* flag, std::int64_t extra,
                  std::int64_t cache_length) {
  std::erase_if(values, [&](std::int64_t value) {
    const bool fits = value + extra <= cache_length;
    TTX_CHECK_AS(
        fits || !given, ExitCode::kLength, "bench",
        "{} {} does not fit the cache: got {} positions, expected at most {}; give less, or raise the "
        "bring-up's cap with --max_cache_seq_len",
        flag, value, value + extra, cache_length);
    if (!fits) {
      log::info("{} {} is left out: the cache has {} positions", flag, value, cache_length);
    }
    return !fits;
  });
}

void check_outputs(const BenchOptions& options) {
  for (const auto& file : {options.json, options.plot}) {
    if (file) {
      const AtomicFile probe(*file);  // without a commit nothing is left
    }
  }
}

void check_one_host(const ccl::Communicator& world) {
  const int hosts = ccl::count_hosts(world.host_names());
  TTX_CHECK_AS(
      hosts == 1, ExitCode::kMesh, "bench",
      "ranks lie on several hosts: got {}, expected 1, whose memory and cores the probes measure; start "
      "all ranks on one",
      hosts);
}

std::vector<Measured> measured_of(const BenchOptions& options, const ModelCosts& costs) {
  std::vector<Measured> measured;
  for (const std::int64_t tokens : options.prefill) {
    Measured& m = measured.emplace_back();
    m.at = tokens;
    m.bytes = costs.prefill_bytes(tokens);
    m.flops = costs.prefill_flops(tokens);
  }
  for (const std::int64_t position : options.decode) {
    Measured& m = measured.emplace_back();
    m.kind = Measured::Kind::kDecode;
    m.at = position;
    m.bytes = costs.decode_bytes(position);
    m.flops = costs.decode_flops(position);
  }
  return measured;
}

std::int64_t largest(const std::vector<std::int64_t>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

void measure(ModelReport& report, const BenchOptions& options, MeshDevice& mesh, CausalLM& model) {
  std::optional<HostProbe> probe;
  probe.emplace(mesh.line(), report.threads, options.probe_megabytes);
  report.probe_threads = probe->threads();
  LocalTransport* const local = mesh.num_devices() > 1 ? &LocalTransport::install(mesh) : nullptr;
  ModelRounds rounds(model, local, options.steps);
  std::optional<Progress> progress;
  if (mesh.line_index() == 0) {
    progress.emplace("Rounds", options.rounds * std::ssize(report.measured));
  }
  // As long as the longest prompt at least: then no round pays for memory that is touched first.
  rounds.fill(std::max(largest(options.decode), largest(options.prefill)));
  for (int round = 0; round < options.rounds; ++round) {
    rounds.measure(report.measured, *probe, [&] {
      if (progress) {
        progress->advance();
      }
    });
  }
  probe.reset();  // its memory is not the model's
  report.memory = launch::memory_use(mesh);
}

int run(const ccl::Environment& mpi, BenchOptions options, const std::vector<std::string>& arguments) {
  const ccl::Communicator& world = mpi.world();
  ModelReport report;
  std::optional<LoadedModule> module;
  std::optional<ModelCosts> costs;
  MeshShape shape;
  check_one_host(world);
  ccl::everywhere(world, [&] {
    module.emplace(options.model_path);
    shape = options.mesh.value_or((*module)->mesh_shape);
    launch::check_ranks(world, shape, arguments);
    if (world.rank() == 0) {
      check_outputs(options);
    }
    const auto checkpoint = hf::Checkpoint::open(hf::resolve_model(options.model, options.cache_dir));
    const std::vector<ModelPlan> plan = launch::plan_devices(**module, checkpoint, shape, options.limits());
    const std::int64_t cache_length = plan.front().cache_length;
    keep_fitting(options.prefill, options.prefill_given, "--prefill", 0, cache_length);
    keep_fitting(options.decode, options.decode_given, "--decode", options.steps, cache_length);
    costs.emplace(plan, checkpoint);
  });

  launch::ChosenSystem chosen;
  ccl::on_root(world, [&] { chosen = launch::choose_system(shape, (*module)->ccl, 0); });
  const MeshSystem system = ttx::share(world, chosen.system);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  report.threads = options.threads > 0 ? options.threads : world.size() == 1 ? cores : 1;
  std::shared_ptr<MeshDevice> mesh;
  ccl::everywhere(world, [&] { mesh = open_mesh_device(world, shape, system, report.threads, options.ccl); });

  report.model = options.model;
  report.bring_up = options.model_path.string();
  report.machine = machine_line();
  report.ranks = world.size();
  report.ccl = ccl::transport_name(options.ccl);
  report.isa = instruction_set();
  report.peak_name = arithmetic_name(kernels::active().isa);
  report.weight_types = costs->weight_types();
  report.rounds = options.rounds;
  report.steps = options.steps;
  report.weight_bytes = costs->weight_bytes();
  const std::int64_t decoded = options.decode.empty() ? 0 : largest(options.decode) + options.steps;
  report.cache_bytes = costs->cache_bytes(std::max(largest(options.prefill), decoded));
  report.measured = measured_of(options, *costs);

  launch::in_step(kName, world, [&] {
    ModelOnMesh loaded;
    report.load = load_rounds(*module, options, *mesh, loaded);
    measure(report, options, *mesh, *loaded.model);
  });
  ccl::on_root(world, [&] {
    const launch::Output say(true);
    say(table_text(report));
    if (options.json) {
      write_json(*options.json, report);
    }
    if (options.plot) {
      write_plot(*options.plot, report);
    }
    TTX_CHECK(!say.failed(), "output", "stdout could not be written");
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return launch::mpi_program(kName, argc, argv, [](const ccl::Environment& mpi, int count, char** values) {
    const bool is_root = mpi.world().rank() == 0;
    std::optional<BenchOptions> options;
    ccl::everywhere(mpi.world(), [&] {
      log::init(mpi.world().rank(), "");
      options = parse_bench_options(count, values, is_root ? launch::Speak::kYes : launch::Speak::kNo);
      if (options) {
        choose_instruction_set(options->isa);
      }
    });
    return options ? run(mpi, *options, {values, values + count}) : 0;
  });
}
