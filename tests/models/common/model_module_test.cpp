// SPDX-License-Identifier: Apache-2.0
#include "models/common/model_module.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
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
      parse_module_sources("version v\ntarget t\nbuild ../a b\nnew x\nsource ../m n.cpp abc\n");
  EXPECT_EQ(sources.version, "v");
  EXPECT_EQ(sources.target, "t");
  EXPECT_EQ(sources.build_folder, "../a b");
  ASSERT_EQ(sources.sources.size(), 1U);
  EXPECT_EQ(sources.sources[0].path, "../m n.cpp");
  EXPECT_EQ(sources.sources[0].sha256, "abc");
}

TEST(ModuleSources, TheCommandNamesTheFolderThatTheModuleLiesIn) {
  const test::TempDir folder;
  const ModuleSources sources{.version = "", .target = "t", .build_folder = "../../..", .sources = {}};
  const fs::path module = folder.path() / "my build/models/a/b/model.so";
  EXPECT_THAT(sources.rebuild_hint(module), testing::HasSubstr("ttx_add_model()"));
  folder.write("my build/CMakeCache.txt", "");
  EXPECT_EQ(sources.rebuild_hint(module),
            "rebuild it with: cmake --build '" + (folder.path() / "my build").string() + "' --target t");
}

TEST(ModuleSources, AChangedOrMissingSourceIsRefusedWithTheCommand) {
  const test::TempDir folder;
  folder.write("model.cpp", "one");
  folder.write("CMakeCache.txt", "");
  const ModuleSources sources{
      .version = "", .target = "t", .build_folder = ".", .sources = {{"model.cpp", sha256_hex("one")}}};
  const fs::path source = folder.path() / "model.cpp";
  const fs::path module = folder.path() / "model.so";
  EXPECT_NO_THROW(check_up_to_date(sources, source, module));
  folder.write("model.cpp", "two");
  test::expect_error(ExitCode::kFailure,
                     {"older than its source", "has changed since",
                      "cmake --build " + folder.path().string() + " --target t"},
                     [&] { check_up_to_date(sources, source, module); });
  fs::remove(source);
  test::expect_error(ExitCode::kFailure, {"is gone"}, [&] { check_up_to_date(sources, source, module); });
}

TEST(LoadedModule, TakesTheModuleItsSourceAndItsFolder) {
  const LoadedModule module(kBuilt);
  EXPECT_EQ(module->mesh_shape, (MeshShape{1, 1}));
  EXPECT_NE(module->load, nullptr);
  ASSERT_EQ(setenv("TTX_MODULE_PATH", (std::string("/nowhere:") + TTX_BINARY_DIR + "/models").c_str(), 1), 0);
  const fs::path source = fs::path(TTX_SOURCE_DIR) / "models/Qwen/Qwen3-0.6B/t3000/functional/model.cpp";
  EXPECT_EQ(LoadedModule(source)->mesh_shape, (MeshShape{2, 4}));
  EXPECT_EQ(LoadedModule(source.parent_path())->mesh_shape, (MeshShape{2, 4}));
  EXPECT_EQ(LoadedModule(source.parent_path() / "")->mesh_shape, (MeshShape{2, 4}));
  unsetenv("TTX_MODULE_PATH");
}

TEST(LoadedModule, FindsWhatTheProjectOfTheSourceBuilt) {
  const test::TempDir folder;
  const std::string bring_up = "models/acme/Fable/n300/functional/";
  const fs::path own = fs::path(TTX_SOURCE_DIR) / "models/Qwen/Qwen3-0.6B";
  fs::create_directories(folder / (bring_up));
  fs::create_directories(folder / ("build/" + bring_up));
  for (const char* file : {"model.cpp", "model.hpp", "n300/functional/model.cpp"}) {
    fs::copy(own / file, folder / "models/acme/Fable" / file);
  }
  fs::copy(fs::path(TTX_SOURCE_DIR) / "models/meta-llama", folder / "models/meta-llama",
           fs::copy_options::recursive);
  const fs::path source = folder / (bring_up + "model.cpp");
  test::expect_error(ExitCode::kFailure, {"has not been built", (folder / ("build/" + bring_up)).string()},
                     [&] { LoadedModule{source}; });
  const fs::path built = folder / ("build/" + bring_up + "model.so");
  fs::copy(fs::path(TTX_BINARY_DIR) / "models/Qwen/Qwen3-0.6B/n300/functional/model.so", built);
  EXPECT_EQ(LoadedModule(source).file(), built);
}

TEST(LoadedModule, AnEditedSourceIsRefused) {
  const test::TempDir folder;
  fs::create_directories(folder.path() / "models");
  for (const char* organisation : {"models/Qwen", "models/meta-llama"}) {
    fs::copy(fs::path(TTX_SOURCE_DIR) / organisation, folder.path() / organisation,
             fs::copy_options::recursive);
  }
  ASSERT_EQ(setenv("TTX_MODULE_PATH", (std::string(TTX_BINARY_DIR) + "/models").c_str(), 1), 0);
  const fs::path source = folder.path() / "models/Qwen/Qwen3-0.6B/n150/functional/model.cpp";
  EXPECT_NO_THROW(LoadedModule{source});
  folder.write("models/Qwen/Qwen3-0.6B/model.cpp", "// another forward pass\n");
  test::expect_error(ExitCode::kFailure, {"older than its source", "--target model.Qwen.Qwen3-0.6B.n150"},
                     [&] { LoadedModule{source}; });
  unsetenv("TTX_MODULE_PATH");
}

TEST(LoadedModule, AModuleOfAnotherTtxIsRefused) {
  const test::TempDir folder;
  std::ifstream stream(kBuilt, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::size_t at = bytes.find("version " + std::string(module_version()));
  ASSERT_NE(at, std::string::npos);
  bytes[at + std::string_view("version ").size()] = 'x';
  test::expect_error(ExitCode::kFailure,
                     {"was built for another ttx", "got interface \"x", "ttx_add_model()"},
                     [&] { LoadedModule{folder.write("model.so", bytes)}; });
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
