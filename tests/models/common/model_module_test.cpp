// SPDX-License-Identifier: Apache-2.0
#include "models/common/model_module.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "models/common/module_sources.hpp"
#include "runtime/sha256.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

namespace fs = std::filesystem;

const fs::path kBuilt = fs::path(TTX_BINARY_DIR) / "models/Qwen/Qwen3-0.6B/n150/functional/model.so";

TEST(ModuleSources, ReadsARecord) {
  const ModuleSources sources =
      parse_module_sources("version v\ntarget t\nbuild /a b\nnew x\nsource ../m n.cpp abc\n");
  EXPECT_EQ(sources.version, "v");
  EXPECT_EQ(sources.rebuild_hint(), "rebuild it with: cmake --build /a b --target t");
  ASSERT_EQ(sources.sources.size(), 1U);
  EXPECT_EQ(sources.sources[0].path, "../m n.cpp");
  EXPECT_EQ(sources.sources[0].sha256, "abc");
}

TEST(ModuleSources, AChangedOrMissingSourceIsRefusedWithTheCommand) {
  const test::TempDir folder;
  folder.write("model.cpp", "one");
  const ModuleSources sources{
      .version = "", .target = "t", .build_folder = "/b", .sources = {{"model.cpp", sha256_hex("one")}}};
  const fs::path source = folder.path() / "model.cpp";
  EXPECT_NO_THROW(check_up_to_date(sources, source, "model.so"));
  folder.write("model.cpp", "two");
  test::expect_error(ExitCode::kFailure,
                     {"older than its source", "has changed since", "cmake --build /b --target t"},
                     [&] { check_up_to_date(sources, source, "model.so"); });
  fs::remove(source);
  test::expect_error(ExitCode::kFailure, {"is gone"}, [&] { check_up_to_date(sources, source, "model.so"); });
}

TEST(LoadedModule, TakesTheModuleItsSourceAndItsFolder) {
  const LoadedModule module(kBuilt);
  EXPECT_EQ(module->mesh_shape, (MeshShape{1, 1}));
  EXPECT_NE(module->build_model, nullptr);
  ASSERT_EQ(setenv("TTX_MODULE_PATH", (std::string("/nowhere:") + TTX_BINARY_DIR + "/models").c_str(), 1), 0);
  const fs::path source = fs::path(TTX_SOURCE_DIR) / "models/Qwen/Qwen3-0.6B/t3000/functional/model.cpp";
  EXPECT_EQ(LoadedModule(source)->mesh_shape, (MeshShape{2, 4}));
  EXPECT_EQ(LoadedModule(source.parent_path())->mesh_shape, (MeshShape{2, 4}));
  EXPECT_EQ(LoadedModule(source.parent_path() / "")->mesh_shape, (MeshShape{2, 4}));
  unsetenv("TTX_MODULE_PATH");
}

TEST(LoadedModule, AnEditedSourceIsRefused) {
  const test::TempDir folder;
  const fs::path original = fs::path(TTX_SOURCE_DIR) / "models/Qwen";
  fs::create_directories(folder.path() / "models");
  fs::copy(original, folder.path() / "models/Qwen", fs::copy_options::recursive);
  ASSERT_EQ(setenv("TTX_MODULE_PATH", (std::string(TTX_BINARY_DIR) + "/models").c_str(), 1), 0);
  const fs::path source = folder.path() / "models/Qwen/Qwen3-0.6B/n150/functional/model.cpp";
  EXPECT_NO_THROW(LoadedModule{source});
  folder.write("models/Qwen/Qwen3-0.6B/model.cpp", "// another forward pass\n");
  test::expect_error(ExitCode::kFailure, {"older than its source", "--target model.Qwen.Qwen3-0.6B.n150"},
                     [&] { LoadedModule{source}; });
  unsetenv("TTX_MODULE_PATH");
}

TEST(LoadedModule, WhatIsNoModuleIsRefused) {
  const test::TempDir folder;
  test::expect_error(ExitCode::kFailure, {"no such file"},
                     [&] { LoadedModule{folder.path() / "model.cpp"}; });
  test::expect_error(ExitCode::kFailure, {"neither model.cpp nor model.so"},
                     [&] { LoadedModule{folder.path()}; });
  folder.write("model.py", "");
  test::expect_error(ExitCode::kFailure, {"expected model.cpp"},
                     [&] { LoadedModule{folder.path() / "model.py"}; });
  folder.write("model.cpp", "");
  test::expect_error(ExitCode::kFailure, {"not under a models/ folder"},
                     [&] { LoadedModule{folder.path() / "model.cpp"}; });
  folder.write("model.so", "no library");
  test::expect_error(ExitCode::kFailure, {"cannot load"}, [&] { LoadedModule{folder.path() / "model.so"}; });
  fs::create_directories(folder.path() / "models/a/b/n150/functional");
  folder.write("models/a/b/n150/functional/model.cpp", "");
  test::expect_error(ExitCode::kFailure, {"has not been built", "cmake --build"},
                     [&] { LoadedModule{folder.path() / "models/a/b/n150/functional/model.cpp"}; });
  test::expect_error(ExitCode::kFailure, {"not a ttx model module"},
                     [&] { LoadedModule{fs::path(TTX_BINARY_DIR) / "lib/libttx_kernels.so"}; });
}

}  // namespace
}  // namespace ttx
