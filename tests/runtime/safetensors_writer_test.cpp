// SPDX-License-Identifier: Apache-2.0
#include "runtime/safetensors_writer.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/safetensors.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

using test::expect_error;
using test::TempDir;

std::size_t files_in(const TempDir& dir) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir.path()), {}));
}

TEST(SafetensorsWriter, WritesWhatTheReaderReads) {
  const TempDir dir;
  const std::vector<std::int64_t> ids = {1, -1, std::int64_t{1} << 40};
  const std::vector<float> logits = {0.5F, -1.25F, 3.0F, 4.0F};
  SafetensorsWriter writer(
      dir / "a.safetensors",
      {{"ids", "I64", {3}}, {"none", "F32", {0, 7}}, {"logits", "F32", {2, 2}}, {"end", "BF16", {0}}},
      {{"format", "test"}});
  writer.write("ids", std::as_bytes(std::span(ids)));
  writer.write("logits", std::as_bytes(std::span(logits).first(1)));
  EXPECT_FALSE(std::filesystem::exists(dir / "a.safetensors"));
  writer.write("logits", std::as_bytes(std::span(logits).subspan(1)));
  writer.finish();
  EXPECT_EQ(files_in(dir), 1U);
  EXPECT_EQ(std::filesystem::file_size(dir / "a.safetensors"), writer.file_bytes());

  const auto file = SafetensorsFile::open(dir / "a.safetensors");
  EXPECT_EQ(file.header_bytes().size() % 8, 0U);
  EXPECT_EQ(file.metadata().at("format"), "test");
  EXPECT_EQ(file.int64s("ids"), ids);
  EXPECT_EQ(file.tensor("logits").to_floats(), logits);
  EXPECT_EQ(file.tensor("logits").shape(), (Shape{2, 2}));
  EXPECT_EQ(file.tensor("none").shape(), (Shape{0, 7}));
}

TEST(SafetensorsWriter, WritesAFileWithoutTensors) {
  const TempDir dir;
  SafetensorsWriter writer(dir / "empty.safetensors", {});
  writer.finish();
  EXPECT_TRUE(SafetensorsFile::open(dir / "empty.safetensors").names().empty());
}

TEST(SafetensorsWriter, LeavesNothingBehindWhenUnfinished) {
  const TempDir dir;
  dir.write("a.safetensors", "as before");
  {
    SafetensorsWriter writer(dir / "a.safetensors", {{"t", "U32", {2}}});
    const std::uint32_t value = 7;
    writer.write("t", std::as_bytes(std::span(&value, 1)));
    EXPECT_EQ(files_in(dir), 2U);
    expect_error(ExitCode::kFailure, {"'t'", "lacks 4 bytes"}, [&] { writer.finish(); });
  }
  EXPECT_EQ(files_in(dir), 1U);
  std::string content;
  std::ifstream(dir / "a.safetensors") >> content;
  EXPECT_EQ(content, "as");
}

TEST(SafetensorsWriter, RefusesBytesThatAreNotDue) {
  const TempDir dir;
  const std::vector<float> values(3);
  const auto bytes = std::as_bytes(std::span(values));
  SafetensorsWriter writer(dir / "a.safetensors", {{"a", "F32", {2}}, {"b", "F32", {1}}});
  expect_error(ExitCode::kFailure, {"'b'", "expected 8 of 'a'"}, [&] { writer.write("b", bytes.first(4)); });
  expect_error(ExitCode::kFailure, {"'a'", "got 12 bytes", "at most 8"}, [&] { writer.write("a", bytes); });
  writer.write("a", bytes.first(8));
  writer.write("b", bytes.first(4));
  expect_error(ExitCode::kFailure, {"'b'", "all tensors are complete"},
               [&] { writer.write("b", bytes.first(4)); });
}

TEST(SafetensorsWriter, RefusesBadDeclarations) {
  const TempDir dir;
  const auto path = dir / "a.safetensors";
  expect_error(ExitCode::kFailure, {"two tensors are named 'a'"}, [&] {
    SafetensorsWriter(path, {{"a", "F32", {1}}, {"a", "F32", {1}}});
  });
  expect_error(ExitCode::kFailure, {"'a'", "got dtype F8"}, [&] {
    SafetensorsWriter(path, {{"a", "F8", {1}}});
  });
  expect_error(ExitCode::kFailure, {"__metadata__"}, [&] {
    SafetensorsWriter(path, {{"__metadata__", "F32", {}}});
  });
  expect_error(ExitCode::kFailure, {"UTF-8"}, [&] { SafetensorsWriter(path, {{"\xFF", "F32", {}}}); });
  expect_error(ExitCode::kFailure, {"cannot write in", "No such file"},
               [&] { SafetensorsWriter(dir / "no/folder/a.safetensors", {}); });
  expect_error(ExitCode::kFailure, {"is a folder"}, [&] { SafetensorsWriter(dir.path(), {}); });
  EXPECT_EQ(files_in(dir), 0U);
}

}  // namespace
}  // namespace ttx
