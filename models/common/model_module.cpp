// SPDX-License-Identifier: Apache-2.0
#include "models/common/model_module.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "models/common/module_sources.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace fs = std::filesystem;

namespace {

/// A bring-up's folder, cut at its last folder named "models".
struct BringUpPath {
  fs::path project;  // what lies before: /home/me/project
  fs::path below;    // what follows: Qwen/Qwen3-0.6B/t3000/functional
};

std::optional<BringUpPath> cut_at_models(const fs::path& source) {
  fs::path before;
  std::optional<BringUpPath> found;
  for (const fs::path& part : source.parent_path()) {
    if (part == "models") {
      found = BringUpPath{before, {}};
    } else if (found) {
      found->below /= part;
    }
    before /= part;
  }
  if (!found || found->below.empty()) {
    return std::nullopt;
  }
  return found;
}

/// The first that has a module wins. What is named comes first, then what was built with this program, then
/// what the bring-up's own project built, then what is installed.
std::vector<fs::path> module_roots(const fs::path& project) {
  std::vector<fs::path> roots;
  if (const char* path = std::getenv("TTX_MODULE_PATH"); path != nullptr) {
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::size_t colon = rest.find(':');
      if (const std::string_view part = rest.substr(0, colon); !part.empty()) {
        roots.emplace_back(part);
      }
      rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    }
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path prefix = program.parent_path().parent_path();
  if (!error) {
    roots.push_back(prefix / "models");
  }
  roots.push_back(project / "build" / "models");
  if (!error) {
    roots.push_back(prefix / "lib" / "ttx" / "models");
  }
  return roots;
}

fs::path find_module(const fs::path& source) {
  const auto bring_up = cut_at_models(source);
  TTX_CHECK(bring_up.has_value(), "module",
            "{}: not under a models/ folder; expected models/<org>/<name>/<system>/functional/model.cpp",
            source.string());
  std::vector<std::string> looked_at;
  for (const fs::path& root : module_roots(bring_up->project)) {
    fs::path candidate = root / bring_up->below / "model.so";
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) {
      return candidate;
    }
    looked_at.push_back(candidate.string());
  }
  TTX_FAIL("module",
           "{} has not been built: looked for {}; build it with: cmake --build <build folder>, or name its "
           "folder in TTX_MODULE_PATH",
           source.string(), fmt::join(looked_at, ", "));
}

struct Located {
  fs::path module;
  std::optional<fs::path> source;  // to compare the module with
};

Located locate(const fs::path& path) {
  std::error_code error;
  TTX_CHECK(fs::exists(path, error), "module", "no such file or folder: {}", path.string());
  const fs::path absolute = fs::absolute(path).lexically_normal();
  if (fs::is_directory(absolute, error)) {
    const fs::path folder = absolute.has_filename() ? absolute : absolute.parent_path();
    if (fs::exists(folder / "model.cpp", error)) {
      return {find_module(folder / "model.cpp"), folder / "model.cpp"};
    }
    TTX_CHECK(fs::exists(folder / "model.so", error), "module",
              "{} holds neither model.cpp nor model.so; expected a bring-up's folder", folder.string());
    return {folder / "model.so", std::nullopt};
  }
  if (absolute.extension() == ".so") {
    return {absolute, std::nullopt};
  }
  TTX_CHECK(absolute.extension() == ".cpp", "module",
            "{}: got a file of type \"{}\", expected model.cpp, its folder or model.so", absolute.string(),
            absolute.extension().string());
  return {find_module(absolute), absolute};
}

template <typename Function>
Function* symbol(void* handle, const char* name, const fs::path& file) {
  void* address = dlsym(handle, name);
  TTX_CHECK(address != nullptr, "module",
            "{} is not a ttx model module: it has no {}; build it with ttx_add_model()", file.string(), name);
  return reinterpret_cast<Function*>(address);
}

}  // namespace

std::shared_ptr<CausalLM> ModelModule::build_model(const hf::Checkpoint& hf_model, MeshDevice& device,
                                                   const RunLimits& limits, const LoadObserver& observer,
                                                   const std::shared_ptr<const PackedFile>& packed) const {
  plan_model(hf_model, device.plan(), device.line_index(), limits);
  return load(Weights(hf_model, device, observer, packed), limits);
}

ModelPlan ModelModule::plan_model(const hf::Checkpoint& hf_model, const ShardPlan& plan, int device,
                                  const RunLimits& limits) const {
  ModelPlan result;
  const std::shared_ptr<CausalLM> model = load(Weights(hf_model, plan, device, result.tensors), limits);
  result.heads = model->heads_text();
  result.cache_length = model->cache_length();
  result.cache_note = model->cache_note();
  return result;
}

LoadedModule::LoadedModule(const fs::path& path) {
  const Located located = locate(path);
  file_ = located.module;
  handle_ = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
  TTX_CHECK(handle_ != nullptr, "module", "cannot load {}: {}; rebuild it", file_.string(), dlerror());
  try {
    const ModuleSources sources =
        parse_module_sources(symbol<const char*()>(handle_, "ttx_module_sources", file_)());
    TTX_CHECK(sources.version == module_version(), "module",
              "{} was built for another ttx: got interface \"{}\", expected \"{}\"; {}", file_.string(),
              sources.version, module_version(), sources.rebuild_hint(file_));
    if (located.source) {
      check_up_to_date(sources, *located.source, file_);
    }
    module_ = symbol<const ModelModule*()>(handle_, "ttx_model_module", file_)();
    TTX_CHECK(module_ != nullptr && module_->load != nullptr, "module",
              "model module {} must say how its model is loaded", file_.string());
    TTX_CHECK(module_->mesh_shape.rows > 0 && module_->mesh_shape.cols > 0, "module",
              "{}: mesh shape must be a pair like (rows, cols): got {}", file_.string(),
              module_->mesh_shape.to_string());
  } catch (...) {
    dlclose(handle_);
    throw;
  }
}

LoadedModule::~LoadedModule() { dlclose(handle_); }

}  // namespace ttx
