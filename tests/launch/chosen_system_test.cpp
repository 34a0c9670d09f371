// SPDX-License-Identifier: Apache-2.0
//
// What the environment makes of a mesh, without starting ranks.
#include "launch/chosen_system.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launch/shipped_files.hpp"
#include "launch/unused_variables.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFixtures = std::string(TTX_FIXTURES) + "/mesh_graph_descriptors/";
const fs::path kShipped = fs::path(TTX_BINARY_DIR) / "share" / "ttx" / "mesh_graph_descriptors";

class Chosen : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const variable : {"TT_MESH_GRAPH_DESC_PATH", "TT_VISIBLE_DEVICES",
                                       "TT_METAL_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICE", "TTX_LOG"}) {
      ::unsetenv(variable);
    }
  }
  void TearDown() override { SetUp(); }

  static void set(const char* variable, const std::string& value) { ::setenv(variable, value.c_str(), 1); }
  /// choose_system with what it logs in `log_`.
  ChosenSystem choose(MeshShape mesh, int num_links = 1, int device_id = 0) {
    testing::internal::CaptureStderr();
    try {
      ChosenSystem chosen = choose_system(mesh, {.num_links = num_links}, device_id);
      log_ = testing::internal::GetCapturedStderr();
      return chosen;
    } catch (...) {
      log_ = testing::internal::GetCapturedStderr();
      throw;
    }
  }

  std::string log_;
};

TEST_F(Chosen, TheDefaultFitsTheMesh) {
  const ChosenSystem t3k = choose({2, 4});
  ASSERT_TRUE(t3k.descriptor);
  EXPECT_TRUE(t3k.is_default);
  EXPECT_EQ(t3k.descriptor->file, (kShipped / "t3k_mesh_graph_descriptor.textproto").string());
  EXPECT_EQ(t3k.fit, MeshFit::kAsIs);
  EXPECT_EQ(t3k.system, (MeshSystem{8, 2, {0, 1, 2, 3, 4, 5, 6, 7}}));
  EXPECT_EQ(choose({2, 1}).descriptor->devices, (MeshShape{1, 2}));
  EXPECT_EQ(choose({3, 3}).descriptor->devices, (MeshShape{8, 4}));
  EXPECT_EQ(choose({8, 8}).descriptor->devices, (MeshShape{8, 8}));
  EXPECT_EQ(log_, "");
  expect_error(ExitCode::kMesh, {"(4, 16)", "dual_galaxy (8, 8)"}, [&] { choose({4, 16}); });
  // An empty variable is none.
  set("TT_MESH_GRAPH_DESC_PATH", "");
  set("TT_VISIBLE_DEVICES", "");
  EXPECT_TRUE(choose({2, 4}).is_default);
}

TEST_F(Chosen, OneDeviceNeedsNoDescriptor) {
  const ChosenSystem n150 = choose({1, 1}, 5, 3);
  EXPECT_FALSE(n150.descriptor);
  EXPECT_FALSE(n150.is_default);
  EXPECT_EQ(n150.system, (MeshSystem{1, 1, {3}}));
  // One that is given is read all the same.
  set("TT_MESH_GRAPH_DESC_PATH", kFixtures + "broken/empty.textproto");
  expect_error(ExitCode::kMesh, {"empty.textproto: no mesh_descriptors"}, [&] { choose({1, 1}); });
  set("TT_MESH_GRAPH_DESC_PATH", "t3k");
  EXPECT_EQ(choose({1, 1}, 5, 7).system, (MeshSystem{8, 2, {7}}));
  expect_error(ExitCode::kMesh, {"--device_id 8", "has devices 0 to 7"}, [&] { choose({1, 1}, 1, 8); });
}

TEST_F(Chosen, TheGivenFileIsTakenRotatedAsALineOrInPart) {
  set("TT_MESH_GRAPH_DESC_PATH", kFixtures + "good/t3k_4x2_dim_types.textproto");
  const ChosenSystem rotated = choose({2, 4});
  EXPECT_FALSE(rotated.is_default);
  EXPECT_EQ(rotated.fit, MeshFit::kRotated);
  EXPECT_THAT(rotated.system.device_ids, ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
  EXPECT_THAT(log_, HasSubstr("info: the (2, 4) mesh lies rotated in system mesh (4, 2) of " + kFixtures));
  EXPECT_EQ(choose({1, 8}).fit, MeshFit::kLine);
  EXPECT_THAT(log_, HasSubstr("info: the (1, 8) mesh lies in system mesh (4, 2)"));

  set("TT_MESH_GRAPH_DESC_PATH", "galaxy");
  const ChosenSystem part = choose({2, 4}, 4);
  EXPECT_EQ(part.fit, MeshFit::kAsIs);
  EXPECT_EQ(part.system.devices, 32);
  EXPECT_EQ(part.system.profile().name, "Galaxy chip");
  EXPECT_EQ(part.system.profile().links, 4);
  EXPECT_THAT(log_,
              HasSubstr("promises at least one link between neighbours (RELAXED), the collectives use 4"));

  set("TT_MESH_GRAPH_DESC_PATH", "n300");
  expect_error(ExitCode::kMesh,
               {"Requested mesh (2, 4) exceeds system mesh (1, 2) of ",
                "n300_mesh_graph_descriptor.textproto, rotated too; set TT_MESH_GRAPH_DESC_PATH"},
               [&] {
                 choose({2, 4});
               });
}

TEST_F(Chosen, TheCollectivesWantNoMoreLinksThanThereAre) {
  set("TT_MESH_GRAPH_DESC_PATH", kFixtures + "good/strict_by_default.textproto");
  choose({2, 4}, 2);
  EXPECT_EQ(log_, "");  // STRICT: two are promised
  expect_error(ExitCode::kMesh, {"[mesh] too many links: got num_links 3, expected at most 2"}, [&] {
    choose({2, 4}, 3);
  });
  set("TT_MESH_GRAPH_DESC_PATH", kFixtures + "good/t3k_2x4_types.textproto");
  choose({2, 4}, 2);
  EXPECT_THAT(log_, HasSubstr("RELAXED"));
}

TEST_F(Chosen, WhatTheVariableMayName) {
  EXPECT_EQ(find_mesh_graph_descriptor("galaxy"), kShipped / "single_galaxy_mesh_graph_descriptor.textproto");
  EXPECT_EQ(find_mesh_graph_descriptor("n150_mesh_graph_descriptor.textproto"),
            kShipped / "n150_mesh_graph_descriptor.textproto");
  const std::string file = kFixtures + "good/n150.textproto";
  EXPECT_EQ(find_mesh_graph_descriptor(file), file);
  for (const std::string nothing : {"t3000", "/no/such/t3k_mesh_graph_descriptor.textproto"}) {
    expect_error(ExitCode::kMesh,
                 {"TT_MESH_GRAPH_DESC_PATH=" + nothing +
                  ": no such file; expected a file, or one of n150, n300, "
                  "t3k, galaxy, dual_galaxy"},
                 [&] { find_mesh_graph_descriptor(nothing); });
  }
  // A folder n300 in the working folder, as bring-ups have one, is not taken for the descriptor.
  const test::TempDir elsewhere;
  fs::create_directory(elsewhere / "n300");
  const fs::path before = fs::current_path();
  fs::current_path(elsewhere.path());
  const fs::path found = find_mesh_graph_descriptor("n300");
  fs::current_path(before);
  EXPECT_EQ(found, kShipped / "n300_mesh_graph_descriptor.textproto");
}

TEST_F(Chosen, VisibleDevices) {
  set("TT_METAL_VISIBLE_DEVICE", "9");
  set("TT_VISIBLE_DEVICES", "0,1,2,3");
  EXPECT_THAT(choose({2, 4}).system.device_ids, ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
  EXPECT_THAT(log_, HasSubstr("info: TT_VISIBLE_DEVICES=0,1,2,3, PCIe ids of n300 cards: the mesh's line is "
                              "devices 0, 4, 1, 5, 2, 6, 3, 7"));
  set("TT_VISIBLE_DEVICES", "7,6,5,4,3,2,1,0");
  EXPECT_THAT(choose({2, 4}).system.device_ids, ElementsAre(7, 6, 5, 4, 3, 2, 1, 0));
  set("TT_VISIBLE_DEVICES", "0,1");
  expect_error(ExitCode::kMesh, {"got 2 devices, expected the 8 of the mesh"}, [&] { choose({2, 4}); });
  set("TT_VISIBLE_DEVICES", "4,5");
  EXPECT_THAT(choose({1, 1}, 1, 1).system.device_ids, ElementsAre(5));
  expect_error(ExitCode::kMesh, {"--device_id 2: TT_VISIBLE_DEVICES=4,5 shows 2 devices"}, [&] {
    choose({1, 1}, 1, 2);
  });
  ::unsetenv("TT_VISIBLE_DEVICES");
  EXPECT_THAT(choose({1, 1}).system.device_ids, ElementsAre(9));
}

TEST(UnusedVariables, ThoseThatMeanNothingHere) {
  const std::array<const char*, 14> environment{
      "TT_METAL_RUNTIME_ROOT=/x",    "TT_METAL_HOME=/x",
      "TT_METAL_INSPECTOR=0",        "TT_METAL_INSPECTOR_LOG_PATH=a=b",
      "TTNN_TRACE_REGION_SIZE=1",    "TT_MESH_ID=0",
      "TT_MESH_HOST_RANK=0",         "TT_METAL_CACHE=/x",
      "TT_METAL_VISIBLE_DEVICE=0",   "TT_VISIBLE_DEVICES=0",
      "TT_MESH_GRAPH_DESC_PATH=t3k", "TTX_LOG=info",
      "HOME=TT_METAL_HOME",          nullptr};
  EXPECT_THAT(unused_variables(environment.data()),
              ElementsAre("TTNN_TRACE_REGION_SIZE", "TT_MESH_HOST_RANK", "TT_MESH_ID", "TT_METAL_HOME",
                          "TT_METAL_INSPECTOR", "TT_METAL_INSPECTOR_LOG_PATH", "TT_METAL_RUNTIME_ROOT"));
}

}  // namespace
}  // namespace ttx::launch
