// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/hf/rope_config.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace ttx::hf {
struct Config;
}

namespace ttx::launch {

/// Declares --yarn_factor file|length_ratio, under the names `flag`, separated by commas.
void add_yarn_factor(CLI::App& app, hf::YarnFactor& choice, const std::string& flag = "--yarn_factor");

/// The word of the flag for a choice.
std::string to_string(hf::YarnFactor choice);

/// "yarn with factor 20 of config.json ...; its lengths give 16", or empty for a model without yarn.
std::string yarn_text(const hf::Config& config, hf::YarnFactor choice);

}  // namespace ttx::launch
