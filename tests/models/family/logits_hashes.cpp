// SPDX-License-Identifier: Apache-2.0
//
// logits_hashes <module> <checkpoint folder> <rows>x<cols> <threads> <prefill|chunks|decode> <longest prompt>
//
// Prints, for every prompt length from 1 on, the hash of the logits of that prompt's end and two further
// tokens. The invariance test runs it on several meshes and compares the lines.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "launch/eval_options.hpp"
#include "launch/program.hpp"
#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "runtime/instruction_set.hpp"

namespace {

std::vector<std::int32_t> some_tokens(std::int64_t count, std::int64_t vocab_size) {
  std::vector<std::int32_t> tokens;
  std::uint64_t state = 12345;
  for (std::int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    tokens.push_back(static_cast<std::int32_t>((state >> 33) % static_cast<std::uint64_t>(vocab_size)));
  }
  return tokens;
}

}  // namespace

int main(int argc, char** argv) {
  return ttx::launch::mpi_program(
      "logits_hashes", argc, argv, [](const ttx::ccl::Environment& mpi, int count, char** values) {
        if (count != 7) {
          fmt::print(stderr, "logits_hashes: expected 6 arguments\n");
          return 2;
        }
        ttx::choose_instruction_set();
        const ttx::LoadedModule module(values[1]);
        const auto checkpoint = ttx::hf::Checkpoint::open(values[2]);
        const auto mesh = ttx::open_mesh_device(mpi.world(), ttx::launch::parse_mesh(values[3]),
                                                std::atoi(values[4]), ttx::ccl::default_transport());
        const auto model = module->build_model(checkpoint, *mesh, {.max_seq_len = 128}, {});
        const auto path =
            std::string(values[5]) == "decode" ? ttx::PromptPath::kDecode : ttx::PromptPath::kPrefill;
        if (std::string(values[5]) == "chunks") {
          model->set_prefill_chunk(3);
        }
        const std::int64_t longest = std::atoll(values[6]);
        const auto tokens = some_tokens(longest + 3, model->vocab_size());
        for (std::int64_t length = 1; length <= longest; ++length) {
          const auto n = static_cast<std::size_t>(length);
          const auto result =
              ttx::teacher_forcing(*model, std::span(tokens).first(n), std::span(tokens).subspan(n, 3),
                                   {.prompt_path = path, .keep_logits = false, .after_call = {}});
          if (mesh->line_index() == 0) {
            fmt::print("{} {}\n", length, result.logits_sha256);
          }
        }
        return 0;
      });
}
