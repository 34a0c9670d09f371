// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval: teacher-forced top-1 / top-5 agreement of a bring-up with the Hugging Face model in fp32. The
// order of the steps is the order in which errors are found.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "ccl/agreement.hpp"
#include "ccl/environment.hpp"
#include "ccl/mesh_device.hpp"
#include "launch/chosen_system.hpp"
#include "launch/cpu_use.hpp"
#include "launch/eval_checks.hpp"
#include "launch/eval_inputs.hpp"
#include "launch/eval_model.hpp"
#include "launch/eval_options.hpp"
#include "launch/eval_report.hpp"
#include "launch/memory_table.hpp"
#include "launch/output.hpp"
#include "launch/plan_devices.hpp"
#include "launch/program.hpp"
#include "launch/unused_variables.hpp"
#include "launch/yarn_factor.hpp"
#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "models/hf/checkpoint.hpp"
#include "models/hf/hub_cache.hpp"
#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/instruction_set.hpp"
#include "runtime/log.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-eval";

using Clock = std::chrono::steady_clock;

void share(const ccl::Communicator& world, std::vector<std::int32_t>& ids) {
  const auto bytes = std::as_bytes(std::span(ids));
  std::vector<std::byte> buffer(bytes.begin(), bytes.end());
  world.sleeping_broadcast(buffer, 0);
  ids.resize(buffer.size() / sizeof(std::int32_t));
  std::copy(buffer.begin(), buffer.end(), std::as_writable_bytes(std::span(ids)).begin());
}

int default_threads(const ccl::Communicator& world) {
  return world.size() == 1 ? std::max(1, static_cast<int>(std::thread::hardware_concurrency())) : 1;
}

hf::Checkpoint open_checkpoint(const EvalOptions& options) {
  return hf::Checkpoint::open(hf::resolve_model(options.model, options.cache_dir), options.yarn_factor);
}

/// Rank 0: what is fed and scored. Everything that can be refused is, before the reference is computed.
EvalInputs inputs_on_root(const EvalOptions& options, const LoadedModule& module, MeshShape mesh,
                          const Output& say) {
  check_outputs(options);
  const hf::Checkpoint checkpoint = open_checkpoint(options);
  const std::vector<ModelPlan> devices = plan_devices(*module, checkpoint, mesh, options.limits());
  check_device_limits(devices, mesh, options.limits());
  if (checkpoint.stored_head_differs()) {
    log::warning(
        "{}: lm_head.weight differs from the embedding it is tied to and is not used, as in transformers 4",
        checkpoint.folder().string());
  }
  if (const std::string text = yarn_text(checkpoint.config(), options.yarn_factor); !text.empty()) {
    log::info("{}", text);
  }
  return gather_inputs(options, checkpoint, {devices.front().cache_length, devices.front().cache_note}, say);
}

void report_on_root(const EvalOptions& options, const EvalInputs& inputs, EvalReport& report,
                    const Output& say) {
  if (!inputs.margins.empty()) {
    log::info("near-ties: {:.2f} % of the reference's choices have a margin of at most four bfloat16 steps",
              100.0 * near_tie_share(inputs));
  }
  if (report.result.logits_pcc) {
    log::info("logits correlate with the reference's: PCC {:.6f}", *report.result.logits_pcc);
  }
  say("Top-1 accuracy: " + percent(report.result.top1_hits, report.result.total));
  say("Top-5 accuracy: " + percent(report.result.top5_hits, report.result.total));
  if (options.memory) {
    say(memory_table(report.memory));
  }
  report.prompt_ids = inputs.prompt_ids;
  report.target_ids = inputs.target_ids;
  report.margins = inputs.margins;
  report.top_logits = inputs.top_logits;
  report.entropies = inputs.entropies;
  report.prefill_decode = options.prefill_decode;
  report.ccl = ccl::transport_name(options.ccl);
  report.isa = instruction_set();
  report.numerics = to_string(options.numerics);
  if (options.logits_out) {
    write_logits(*options.logits_out, report);
  }
  if (options.json) {
    write_json(*options.json, report);
  }
  TTX_CHECK(!say.failed(), "output", "stdout could not be written");
}

/// "(0, 3)", and its device where that is not its place in the line.
std::string place_of(const MeshDevice& mesh) {
  const auto line_index = static_cast<std::size_t>(mesh.line_index());
  const std::int32_t device = mesh.get_device_ids()[line_index];
  const std::string place = fmt::format("({}, {})", mesh.coord().row, mesh.coord().col);
  return device == mesh.line_index() ? place : fmt::format("{} device {}", place, device);
}

int evaluate(const ccl::Environment& mpi, const EvalOptions& options,
             const std::vector<std::string>& arguments) {
  const auto start = Clock::now();
  const ccl::Communicator& world = mpi.world();
  const Output say(world.rank() == 0);
  EvalReport report;

  std::optional<LoadedModule> module;
  ccl::everywhere(world, [&] {
    check_length_floor(options.max_seq_len);
    module.emplace(options.model_path);
  });
  say(fmt::format("Loading model module: {}",
                  std::filesystem::absolute(options.model_path).lexically_normal().string()));
  report.mesh = options.mesh.value_or((*module)->mesh_shape);
  ccl::everywhere(world, [&] {
    check_prompt_source(options);
    check_ranks(world, report.mesh, arguments);
  });

  ccl::on_root(world, [&] {
    log_unused_variables();
    report.system = choose_system(report.mesh, (*module)->ccl, options.device_id);
    report.system.system.limits = options.limits().device;
    report.system.system.numerics = options.numerics;
    log::write(options.numerics == Numerics::kDevice ? log::Level::kInfo : log::Level::kDebug,
               fmt::format("numerics: {}", to_string(options.numerics)));
  });
  const MeshSystem system = ttx::share(world, report.system.system);

  EvalInputs inputs;
  CpuUse cpu;
  const auto reference_start = Clock::now();
  const double cpu_before_reference = cpu_seconds();
  ccl::on_root(world, [&] { inputs = inputs_on_root(options, *module, report.mesh, say); });
  share(world, inputs.prompt_ids);
  share(world, inputs.target_ids);
  report.seconds.reference = seconds_since(reference_start);
  cpu.reference = cpu_seconds() - cpu_before_reference;

  if (report.system.is_default) {
    say(fmt::format("Using TT_MESH_GRAPH_DESC_PATH={}", report.system.descriptor->file));
  }
  say(report.mesh.devices() == 1 ? "Opening device..."
                                 : fmt::format("Opening mesh device: {}...", report.mesh.to_string()));
  report.threads = options.threads > 0 ? options.threads : default_threads(world);
  // What fails here fails on all ranks alike: everyone comes to the agreement, and one speaks.
  std::shared_ptr<MeshDevice> mesh;
  ccl::everywhere(world,
                  [&] { mesh = open_mesh_device(world, report.mesh, system, report.threads, options.ccl); });
  log::init(world.rank(), place_of(*mesh));

  say("Loading ttnn model...");
  const auto load_start = Clock::now();
  const double cpu_before_load = cpu_seconds();
  std::optional<hf::Checkpoint> checkpoint;
  ccl::everywhere(world, [&] { checkpoint = open_checkpoint(options); });
  PackedWeights packed;
  if (!options.no_cache) {
    packed = keep_packed(*module, *checkpoint, *mesh, options.limits());
  }
  const std::shared_ptr<CausalLM> model =
      build_model(*module, *checkpoint, *mesh, options.limits(), packed.file(), say);
  report.seconds.load = seconds_since(load_start);
  cpu.load = cpu_seconds() - cpu_before_load;
  if (world.rank() == 0) {
    warn_when_too_large(*mesh);
  }

  say(fmt::format("Running teacher-forcing eval ({} tokens)...", inputs.target_ids.size()));
  in_step(kName, world, [&] {
    report.result = score_model(*model, inputs, options);
    report.memory = memory_use(*mesh);
    cpu.total = cpu_seconds();
    report.cpu = cpu_use(*mesh, cpu);
  });
  if (report.result.total == 0) {
    say("No tokens to evaluate.");
    return 0;
  }
  report.seconds.prefill = report.result.prompt_seconds;
  report.seconds.decode = report.result.decode_seconds;
  report.seconds.total = seconds_since(start);
  ccl::on_root(world, [&] { report_on_root(options, inputs, report, say); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return mpi_program(kName, argc, argv, [](const ccl::Environment& mpi, int count, char** values) {
    const bool is_root = mpi.world().rank() == 0;
    std::optional<EvalOptions> options;
    // Arguments and variables are the same on every rank: rank 0 speaks for all.
    ccl::everywhere(mpi.world(), [&] {
      log::init(mpi.world().rank(), "");
      options = parse_eval_options(count, values, is_root ? Speak::kYes : Speak::kNo);
      if (options) {
        choose_instruction_set(options->isa);
      }
    });
    return options ? evaluate(mpi, *options, {values, values + count}) : 0;
  });
}
