// SPDX-License-Identifier: Apache-2.0
#include "launch/eval_checks.hpp"

#include <filesystem>

#include "ccl/environment.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"
#include "runtime/shell_quoted.hpp"

namespace ttx::launch {

namespace {
constexpr std::int64_t kMinSeqLen = 2048;
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
}  // namespace

void check_length_floor(std::int64_t max_seq_len) {
  TTX_CHECK(max_seq_len >= kMinSeqLen, "arguments",
            "--max_seq_len {} is too small: rotary embedding and decode attention assume a cache of {}; give "
            "at least that",
            max_seq_len, kMinSeqLen);
}

void check_ranks(const ccl::Communicator& world, MeshShape mesh, const std::vector<std::string>& arguments) {
  std::string program;
  for (const std::string& argument : arguments) {
    program += " " + shell_quoted(argument);
  }
  const auto launcher = std::filesystem::path(arguments.front()).replace_filename("ttx-launch").string();
  TTX_CHECK_AS(world.size() == mesh.devices(), ExitCode::kMesh, "mesh",
               "the model wants a {} mesh, {} device{}: got {} rank{}; start it with: {}{} or with: {}{}",
               mesh.to_string(), mesh.devices(), mesh.devices() == 1 ? "" : "s", world.size(),
               world.size() == 1 ? "" : "s", shell_quoted(launcher), program,
               ccl::mpirun_command(mesh.devices()), program);
}

void check_outputs(const EvalOptions& options) {
  for (const auto& file : {options.json, options.logits_out}) {
    if (file) {
      const AtomicFile probe(*file);  // without a commit nothing is left
    }
  }
}

void warn_when_too_large(const MeshDevice& mesh) {
  const auto held = mesh.ledger().total().current;
  const auto has = mesh.profile().dram_bytes;
  if (held > has) {
    log::warning(
        "one {} has {:.1f} GiB of DRAM and would have to hold {:.1f} GiB: this model fits here, not there",
        mesh.profile().name, static_cast<double>(has) / kGiB, static_cast<double>(held) / kGiB);
  }
}

}  // namespace ttx::launch
