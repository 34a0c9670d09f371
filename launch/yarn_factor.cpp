// SPDX-License-Identifier: Apache-2.0
#include "launch/yarn_factor.hpp"

#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/hf/config.hpp"

namespace ttx::launch {

namespace {

const std::map<std::string, hf::YarnFactor>& choices() {
  static const std::map<std::string, hf::YarnFactor> kChoices = {
      {"file", hf::YarnFactor::kFile}, {"length_ratio", hf::YarnFactor::kLengthRatio}};
  return kChoices;
}

}  // namespace

void add_yarn_factor(CLI::App& app, hf::YarnFactor& choice, const std::string& flag) {
  app.add_option_function<std::string>(
         flag, [&choice](const std::string& name) { choice = choices().at(name); },
         "Rope type yarn: divide by the factor that config.json gives (file), as transformers does since "
         "4.56, or by the ratio of max_position_embeddings to original_max_position_embeddings "
         "(length_ratio), as it did before")
      ->check(CLI::IsMember({"file", "length_ratio"}))
      ->default_str("file");
}

std::string to_string(hf::YarnFactor choice) {
  return choice == hf::YarnFactor::kFile ? "file" : "length_ratio";
}

std::string yarn_text(const hf::Config& config, hf::YarnFactor choice) {
  const hf::RopeConfig& rope = config.rope.type == "yarn" ? config.rope : config.rope_local;
  if (rope.type != "yarn") {
    return "";
  }
  const bool by_file = choice == hf::YarnFactor::kFile && rope.factor_given;
  return fmt::format("yarn with factor {} ({}); the ratio of its lengths is {}", rope.factor,
                     by_file ? "config.json's, as in transformers since 4.56"
                             : "by its lengths, as in transformers before 4.56",
                     rope.length_ratio());
}

}  // namespace ttx::launch
