// SPDX-License-Identifier: Apache-2.0
//
// What a bring-up does not take is refused by name, before a weight is read.
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/common/model_module.hpp"
#include "tests/models/family/family.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read(const fs::path& file) {
  std::ifstream stream(file);
  return json::parse(stream);
}

/// Rehearses the bring-up on a fixture whose config `change` has changed.
void rehearse(const std::string& model, const std::string& fixture,
              const std::function<void(json&)>& change) {
  const TempDir folder;
  fs::copy(fs::path(TTX_FIXTURES) / fixture, folder.path(), fs::copy_options::recursive);
  json config = read(folder / "config.json");
  change(config);
  folder.write("config.json", config.dump());
  const LoadedModule module(TTX_BINARY_DIR "/models/" + model + "/n150/functional/model.so");
  module->plan_model(hf::Checkpoint::open(folder.path()), ShardPlan(1), 0, {});
}

void refuses(const std::string& model, const std::string& fixture, const std::function<void(json&)>& change,
             std::initializer_list<std::string_view> pieces) {
  expect_error(ExitCode::kCheckpoint, pieces, [&] { rehearse(model, fixture, change); });
}

TEST(ConfigCheck, EveryBringUpTakesItsOwnAndNoOthers) {
  for (const Member& member : family()) {
    EXPECT_NO_THROW(rehearse(member.model, member.fixture, [](json&) {})) << member.model;
    const std::string other = member.fixture.starts_with("qwen3") ? "llama-odd" : "qwen3-odd-a";
    refuses(member.model, other, [](json&) {}, {"model_type: got", "expected"});
  }
}

TEST(ConfigCheck, ActivationsRopesAndBiasesByName) {
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["hidden_act"] = "gelu"; },
          {"[llama]", "hidden_act: got \"gelu\", expected \"silu\""});
  refuses("arcee-ai/AFM-4.5B", "arcee-odd", [](json& c) { c["hidden_act"] = "silu"; },
          {"[arcee]", "hidden_act: got \"silu\", expected \"relu2\""});
  refuses("tiiuae/Falcon3-7B-Instruct", "llama-odd", [](json&) {},
          {"[falcon3]", "rope_type: got \"llama3\", expected \"default\""});
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["attention_bias"] = true; },
          {"[llama]", "attention_bias: got true, expected false"});
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["mlp_bias"] = true; },
          {"[llama]", "mlp_bias: got true, expected false"});
  refuses("microsoft/Phi-3-mini-128k-instruct", "phi3-long",
          [](json& c) {
            c["rope_scaling"] = nullptr;
            c["partial_rotary_factor"] = 0.5;
          },
          {"[phi3]", "partial_rotary_factor: got 0.5, expected 1"});
}

TEST(ConfigCheck, TensorsThatAreMissingExtraOrMisshapen) {
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["num_hidden_layers"] = 3; },
          {"has no tensor 'model.layers.2."});
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["num_hidden_layers"] = 1; },
          {"tensors that this model does not use", "model.layers.1."});
  refuses("meta-llama/Llama-3.2-1B", "llama-odd", [](json& c) { c["intermediate_size"] = 96; },
          {"mlp.gate_proj.weight", "got shape [112, 48], expected [96, 48]"});
  refuses("arcee-ai/Arcee-Spark", "qwen2-odd", [](json& c) { c["num_key_value_heads"] = 2; },
          {"k_proj.weight", "got shape"});
}

}  // namespace
}  // namespace ttx::test
