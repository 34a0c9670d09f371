// SPDX-License-Identifier: Apache-2.0
//
// ttx-config: a config.json as ttx reads it, defaults of the model's class filled in, and how a mesh would
// cut it.
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "launch/command_line.hpp"
#include "launch/config_lines.hpp"
#include "launch/eval_options.hpp"
#include "launch/failure.hpp"
#include "launch/output.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-config";

void print_config(const std::string& path, const std::optional<std::string>& mesh) {
  std::filesystem::path file = path;
  if (std::filesystem::is_directory(file)) {
    file /= "config.json";
  }
  const hf::Config config = hf::Config::read(file);
  const std::string lines = config_lines(config) + (mesh ? mesh_lines(config, parse_mesh(*mesh)) : "");
  const Output say(true);
  say(lines.substr(0, lines.size() - 1));
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    CLI::App app("What ttx reads of a model's config.json, a line each, defaults of its class filled in.",
                 kName);
    std::string path;
    std::optional<std::string> mesh;
    app.add_option("config", path, "config.json, or the folder that it lies in")->required();
    app.add_option("--mesh", mesh, "RxC: also how that mesh would cut the model, such as 1x2");
    if (parse(app, argc, argv, Speak::kYes) == Parsed::kRun) {
      print_config(path, mesh);
    }
    return 0;
  });
}
