// SPDX-License-Identifier: Apache-2.0
//
// ttx-plan: what each device of a mesh would hold for a model, from the headers of its files.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "launch/command_line.hpp"
#include "launch/eval_options.hpp"
#include "launch/failure.hpp"
#include "launch/output.hpp"
#include "launch/plan_devices.hpp"
#include "launch/plan_table.hpp"
#include "models/common/model_module.hpp"
#include "models/hf/hub_cache.hpp"
#include "runtime/device_profile.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-plan";

struct Options {
  std::filesystem::path model_path;
  std::string model;
  std::optional<std::string> mesh;
  RunLimits limits;
  bool device_limits = false;
  std::optional<std::string> cache_dir;
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options o;
  CLI::App app("What each device of a mesh would hold for a model, in bytes of its DRAM. Nothing is loaded.",
               kName);
  app.add_option("model_path", o.model_path, "The bring-up: its model.cpp, its folder, or the built model.so")
      ->required();
  app.add_option("--model", o.model,
                 "Hugging Face id (looked up in the hub cache) or folder of the checkpoint")
      ->required();
  app.add_option("--mesh", o.mesh, "RxC: another mesh than the module's, such as 1x4");
  app.add_option("--max_seq_len", o.limits.max_seq_len, "Rotary table and cache length")
      ->check(CLI::Range(std::int64_t{1}, kMaxSeqLen))
      ->capture_default_str();
  app.add_option("--max_cache_seq_len", o.limits.max_cache_seq_len,
                 "Takes the place of the bring-up's MAX_CACHE_SEQ_LEN, the cap of its KV cache")
      ->check(CLI::Range(std::int64_t{1}, kMaxSeqLen));
  app.add_flag(
      "--device_limits", o.device_limits,
      "Plan for what the bring-up does where its device's limits hold, and refuse what exceeds the DRAM");
  app.add_option("--cache_dir", o.cache_dir, "Hub cache folder to look in");
  if (parse(app, argc, argv, Speak::kYes) == Parsed::kHelpShown) {
    return std::nullopt;
  }
  o.limits.device = o.device_limits ? DeviceLimits::kHold : DeviceLimits::kIgnored;
  return o;
}

int plan(const Options& o) {
  const LoadedModule module(o.model_path);
  const MeshShape mesh = o.mesh ? parse_mesh(*o.mesh) : module->mesh_shape;
  const DeviceProfile profile = wormhole_profile(mesh.devices());
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(hf::resolve_model(o.model, o.cache_dir));
  const std::vector<ModelPlan> devices = plan_devices(*module, checkpoint, mesh, o.limits);
  const ModelPlan& first = devices.front();

  const Output say(true);
  say(fmt::format("{} on {}: a line of {} {}", o.model, mesh.to_string(), mesh.devices(),
                  mesh.devices() == 1 ? "device" : "devices"));
  say(first.heads);
  say(fmt::format("KV cache of {} positions{}{}", first.cache_length, first.cache_note.empty() ? "" : ": ",
                  first.cache_note));
  say("\nOn device 0:\n" + tensor_table(first.tensors));
  say("Of a " + profile.name + " with " + bytes_text(profile.dram_bytes) +
      " of DRAM, activations left out:\n" + device_table(devices, profile.dram_bytes));
  check_device_limits(devices, mesh, o.limits);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    const std::optional<Options> options = parse_options(argc, argv);
    return options ? plan(*options) : 0;
  });
}
