// SPDX-License-Identifier: Apache-2.0
//
// Mesh graph descriptors: what the files under tests/fixtures/mesh_graph_descriptors mean, or which sentence
// they get.
#include "ccl/mesh_graph_descriptor.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ccl/mesh_fit.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(TTX_FIXTURES) / "mesh_graph_descriptors";

struct Meaning {
  std::string name;
  MeshShape devices;
  MeshShape hosts;
  int links = 0;
  bool strict = false;
  friend bool operator==(const Meaning&, const Meaning&) = default;
};

Meaning meaning_of(const MeshGraphDescriptor& d) { return {d.name, d.devices, d.hosts, d.links, d.strict}; }

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

template <class Value>
std::vector<std::string> keys_of(const std::map<std::string, Value>& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) {
    keys.push_back(key);
  }
  return keys;
}

TEST(MeshGraphDescriptor, GoodFiles) {
  const Meaning t3k{"M0", {2, 4}, {1, 1}, 2, false};
  const Meaning strict{"M0", {2, 4}, {1, 1}, 2, true};
  const std::map<std::string, Meaning> expected{
      {"n150.textproto", {"M0", {1, 1}, {1, 1}, 1, false}},
      {"n300_colons_everywhere.textproto", {"M0", {1, 2}, {1, 1}, 2, false}},
      {"t3k_2x4_types.textproto", t3k},
      {"t3k_4x2_dim_types.textproto", {"M0", {4, 2}, {1, 1}, 2, false}},
      {"galaxy_enum_numbers.textproto", {"M0", {8, 4}, {1, 1}, 4, false}},
      {"dual_galaxy_hosts.textproto", {"M0", {8, 8}, {1, 2}, 1, false}},
      {"strict_by_default.textproto", strict},
      {"one_line.textproto", strict},
      {"byte_order_mark_and_crlf.textproto", t3k},
      {"the_second_of_two_meshes.textproto", {"large", {2, 4}, {2, 1}, 2, false}},
      {"older_graph.textproto", t3k},
      {"newer_graph_with_switch.textproto", t3k},
      {"fields_of_tomorrow.textproto", t3k}};
  EXPECT_THAT(files_in(kFixtures / "good"), testing::UnorderedElementsAreArray(keys_of(expected)));
  for (const auto& [file, meaning] : expected) {
    const MeshGraphDescriptor descriptor = read_mesh_graph_descriptor(kFixtures / "good" / file);
    EXPECT_EQ(meaning_of(descriptor), meaning) << file;
    EXPECT_EQ(descriptor.arch, "WORMHOLE_B0");
    EXPECT_EQ(descriptor.file, (kFixtures / "good" / file).string());
  }
}

TEST(MeshGraphDescriptor, ShippedFilesAreWhatTheTableOfBuiltInSystemsSays) {
  const fs::path folder = fs::path(TTX_SOURCE_DIR) / "launch" / "mesh_graph_descriptors";
  const std::map<std::string, int> links{
      {"n150", 1}, {"n300", 2}, {"t3k", 2}, {"galaxy", 4}, {"dual_galaxy", 1}};
  EXPECT_EQ(files_in(folder).size(), built_in_systems().size());
  for (const BuiltInSystem& system : built_in_systems()) {
    const MeshShape hosts = system.name == "dual_galaxy" ? MeshShape{1, 2} : MeshShape{1, 1};
    EXPECT_EQ(meaning_of(read_mesh_graph_descriptor(folder / system.file_name)),
              (Meaning{"M0", system.devices, hosts, links.at(std::string(system.name)), false}))
        << system.name;
  }
}

TEST(MeshGraphDescriptor, BrokenFiles) {
  const std::string text_form = "; expected the text form of a protobuf MeshGraphDescriptor";
  const std::string yaml =
      ": got the YAML form of old, expected the text form of a protobuf MeshGraphDescriptor";
  // Each follows the name of the file.
  const std::map<std::string, std::string> expected{
      {"binary.textproto", ":2:1: Invalid control characters encountered in text" + text_form},
      {"channels_0.textproto", ": mesh \"M0\": channels: got a count of 0, expected at least 1"},
      {"channels_negative.textproto", ": mesh \"M0\": channels: got a count of -1, expected at least 1"},
      {"dim_types_invalid.textproto",
       ": mesh \"M0\": device_topology: got the dim type 0, expected LINE or RING"},
      {"dims_beyond_int32.textproto", ":4:32: Integer out of range (4294967296)" + text_form},
      {"dims_do_not_divide_by_hosts.textproto",
       ": mesh \"M0\": host_topology (1, 3) does not divide device_topology (2, 4), expected an equal block "
       "of "
       "devices per host"},
      {"dims_given_twice.textproto", ": mesh \"M0\": device_topology: got 4 dims, expected rows and columns"},
      {"dims_in_words.textproto", ":4:29: Expected integer, got: two" + text_form},
      {"dims_whose_product_overflows.textproto",
       ": mesh \"M0\": device_topology: got [65536, 65536], expected dims of 1 to 1024"},
      {"duplicate_fields.textproto",
       ":4:7: Non-repeated field \"arch\" is specified multiple times" + text_form},
      {"duplicate_graphs.textproto", ": graph_descriptors: the name \"G0\" is taken, expected another"},
      {"duplicate_names.textproto", ": mesh_descriptors[1]: the name \"M0\" is taken, expected another"},
      {"empty.textproto", ": no mesh_descriptors"},
      {"empty_top_level_instance.textproto", ": top_level_instance is empty, expected a mesh or a graph"},
      {"enum_beyond_its_numbers.textproto",
       ": mesh \"M0\": arch: got 17, expected WORMHOLE_B0, the only chip that ttx plays"},
      {"fractional_dims.textproto", ":4:29: Expected integer, got: 2.5" + text_form},
      {"graph_in_itself.textproto", ": graph \"G0\": has a graph in it, expected meshes"},
      {"graph_of_an_unknown_mesh.textproto",
       ": top_level_instance selects the mesh \"M7\", expected one of mesh_descriptors"},
      {"graph_of_another_type.textproto", ": graph \"G0\": got the type \"POD\", expected \"FABRIC\""},
      {"graph_of_nothing.textproto", ": graph \"G0\": has 0 meshes in it, expected one"},
      {"graph_of_two_meshes.textproto",
       ": graph \"G0\": has 2 meshes in it, expected one: ttx runs a single mesh; make that mesh the "
       "top_level_instance"},
      {"host_topology_of_one_dim.textproto",
       ": mesh \"M0\": host_topology: got 1 dims, expected rows and columns"},
      {"json.textproto", ":1:1: Expected identifier, got: {" + text_form},
      {"mgd_1_0.yaml", yaml},
      {"mgd_1_0_blocks.yaml", yaml},
      {"misspelt_device_topology.textproto",
       ": mesh \"M0\": no device_topology; unknown: \"device_topolgy\" in line 4"},
      {"misspelt_mesh_descriptors.textproto",
       ": no mesh_descriptors; unknown: \"mesh_descriptor\" in line 1"},
      {"negative_dims.textproto", ": mesh \"M0\": device_topology: got [-2, -4], expected dims of 1 to 1024"},
      {"no_arch.textproto", ": mesh \"M0\": arch: got INVALID_ARCHITECTURE, expected WORMHOLE_B0"},
      {"no_channels.textproto", ": mesh \"M0\": no channels"},
      {"no_host_topology.textproto", ": mesh \"M0\": no host_topology"},
      {"no_mesh_descriptors.textproto", ": no mesh_descriptors"},
      {"no_name.textproto", ": mesh_descriptors[0]: no name"},
      {"no_top_level_instance.textproto", ": no top_level_instance"},
      {"nul_byte.textproto", ":8:50: Invalid control characters encountered in text" + text_form},
      {"number_for_a_message.textproto", ":6:13: Expected \"{\", found \"2\"" + text_form},
      {"one_brace_too_many.textproto", ":9:1: Expected identifier, got: }" + text_form},
      {"one_dim.textproto", ": mesh \"M0\": device_topology: got 1 dims, expected rows and columns"},
      {"only_comments.textproto", ": no mesh_descriptors"},
      {"other_arch.textproto",
       ": mesh \"M0\": arch: got BLACKHOLE, expected WORMHOLE_B0, the only chip that ttx plays"},
      {"policy_invalid.textproto", ": mesh \"M0\": channels: got the policy 0, expected STRICT or RELAXED"},
      {"policy_unknown.textproto",
       ":6:35: Unknown enumeration value of \"LAX\" for field \"policy\"" + text_form},
      {"prose.textproto", ":1:5: Expected \"{\", found \"T3000\"" + text_form},
      {"three_dims.textproto", ": mesh \"M0\": device_topology: got 3 dims, expected rows and columns"},
      {"too_few_dim_types.textproto",
       ": mesh \"M0\": device_topology: got 1 dim types, expected one per dim"},
      {"top_level_is_a_switch.textproto", ": top_level_instance is a switch, expected a mesh or a graph"},
      {"top_level_is_one_device.textproto",
       ": top_level_instance names one device of a mesh, expected the whole mesh"},
      {"top_level_is_two_things.textproto",
       ":8:59: Field \"graph\" is specified along with field \"mesh\", another member of oneof \"node\"" +
           text_form},
      {"top_level_names_unknown_graph.textproto",
       ": top_level_instance selects the graph \"G0\", expected one of graph_descriptors"},
      {"top_level_names_unknown_mesh.textproto",
       ": top_level_instance selects the mesh \"M1\", expected one of mesh_descriptors"},
      {"truncated.textproto", ":6:17: Expected \"{\", found \"\"" + text_form},
      {"unbalanced_braces.textproto", ":9:1: Expected identifier, got: the end of the file" + text_form},
      {"unclosed_string.textproto", ":2:12: String literals cannot cross line boundaries" + text_form},
      {"utf16.textproto", ":1:1: Interpreting non ascii codepoint 255" + text_form},
      {"wrong_enum.textproto",
       ":4:3: Unknown enumeration value of \"WORMHOLE_C0\" for field \"arch\"" + text_form},
      {"wrong_type.textproto", ":2:9: Expected string, got: M0" + text_form},
      {"zero_dims.textproto", ": mesh \"M0\": device_topology: got [0, 4], expected dims of 1 to 1024"}};
  EXPECT_THAT(files_in(kFixtures / "broken"), testing::UnorderedElementsAreArray(keys_of(expected)));
  for (const auto& [file, sentence] : expected) {
    SCOPED_TRACE(file);
    const fs::path path = kFixtures / "broken" / file;
    testing::internal::CaptureStderr();
    test::expect_error(ExitCode::kMesh, {"[mesh graph descriptor] " + path.string() + sentence},
                       [&] { read_mesh_graph_descriptor(path); });
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST(MeshGraphDescriptor, WhatIsNoReadableFile) {
  const test::TempDir files;
  test::expect_error(ExitCode::kMesh, {"/nothing: No such file or directory"},
                     [&] { read_mesh_graph_descriptor(files / "nothing"); });
  test::expect_error(ExitCode::kMesh, {files.path().string() + ": got a folder, expected a file"},
                     [&] { read_mesh_graph_descriptor(files.path()); });
  test::expect_error(ExitCode::kMesh, {"/dev/zero: got a device or pipe, expected a file"},
                     [&] { read_mesh_graph_descriptor("/dev/zero"); });
  test::expect_error(ExitCode::kMesh, {"got more than 1 MiB"}, [&] {
    read_mesh_graph_descriptor(files.write("huge", std::string((1U << 20) + 1, '#')));
  });
  const fs::path locked = files.write("locked", "# nothing\n");
  ASSERT_EQ(::chmod(locked.c_str(), 0), 0);
  ASSERT_EQ(::chmod(files.path().c_str(), 0755), 0);
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  test::expect_error(ExitCode::kMesh, {"/locked: cannot be opened: Permission denied"},
                     [&] { read_mesh_graph_descriptor(locked); });
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
}

TEST(MeshGraphDescriptor, DeepNestingIsAnErrorNotACrash) {
  for (const std::string opening : {"unknown { ", "top_level_instance { graph { unknown { ", "a < "}) {
    std::string text;
    while (text.size() < 900'000) {
      text += opening;
    }
    test::expect_error(ExitCode::kMesh, {"deep:1:", "Message is too deep"},
                       [&] { parse_mesh_graph_descriptor(text, "deep"); });
  }
  test::expect_error(ExitCode::kMesh, {"deep:1:"},
                     [&] { parse_mesh_graph_descriptor("unknown: " + std::string(900'000, '['), "deep"); });
}

TEST(MeshGraphDescriptor, BytesOfTheFileAreEscapedInMessages) {
  try {
    parse_mesh_graph_descriptor("mesh_descriptors { name: \"\xff\x1b[31m\" }", "file");
    FAIL() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(R"(mesh "\xff\x1b[31m": arch)"));
  }
}

TEST(MeshGraphDescriptor, EveryShortenedFileIsRefused) {
  const std::string whole =
      "mesh_descriptors { name: \"M0\" arch: WORMHOLE_B0 device_topology { dims: [ 2, 4 ] } host_topology { "
      "dims: [ 1, 1 ] } channels { count: 2 policy: RELAXED } } top_level_instance { mesh { mesh_descriptor: "
      "\"M0\" mesh_id: 0 } }";
  EXPECT_EQ(parse_mesh_graph_descriptor(whole, "file").devices, (MeshShape{2, 4}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    test::expect_error(ExitCode::kMesh, {"[mesh graph descriptor] file:"},
                       [&] { parse_mesh_graph_descriptor(whole.substr(0, length), "file"); });
  }
}

}  // namespace
}  // namespace ttx
