// SPDX-License-Identifier: Apache-2.0
#include "runtime/safetensors.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

using test::expect_error;
using test::TempDir;

std::string length_field(std::uint64_t length) {
  std::string field;
  for (int i = 0; i < 8; ++i) {
    field.push_back(static_cast<char>((length >> (8 * i)) & 0xFF));
  }
  return field;
}

std::string file_of(const std::string& header, std::size_t data_bytes) {
  return length_field(header.size()) + header + std::string(data_bytes, '\1');
}

/// One tensor "t" with the given entry.
std::string one(const std::string& entry) { return R"({"t":)" + entry + "}"; }

class Safetensors : public ::testing::Test {
 protected:
  SafetensorsFile open(const std::string& content) {
    return SafetensorsFile::open(dir_.write("model.safetensors", content));
  }
  void refuses(const std::string& content, std::initializer_list<std::string_view> pieces) {
    SCOPED_TRACE(content.substr(0, 120));
    const auto path = dir_.write("model.safetensors", content);
    expect_error(ExitCode::kCheckpoint, {path.string()}, [&] { SafetensorsFile::open(path); });
    expect_error(ExitCode::kCheckpoint, pieces, [&] { SafetensorsFile::open(path); });
  }
  TempDir dir_;
};

TEST_F(Safetensors, RefusesFilesThatAreNotThere) {
  expect_error(ExitCode::kCheckpoint, {"absent", "No such file"},
               [&] { SafetensorsFile::open(dir_ / "absent"); });
  expect_error(ExitCode::kCheckpoint, {"a folder", "regular file"},
               [&] { SafetensorsFile::open(dir_.path()); });
  refuses("", {"empty"});
}

TEST_F(Safetensors, RefusesBadLengths) {
  refuses("short", {"got 5 bytes", "at least 8"});
  refuses(length_field(100'000'001) + "{}", {"100000001", "at most 100000000"});
  refuses(length_field(~std::uint64_t{0}) + "{}", {"18446744073709551615"});
  refuses(length_field(60) + "{}", {"got 60 header bytes", "at most 2"});
}

TEST_F(Safetensors, RefusesTextThatIsNotTheHeader) {
  refuses(file_of("", 0), {"not valid JSON"});
  refuses(file_of("{", 0), {"not valid JSON"});
  refuses(file_of("{}x", 0), {"not valid JSON"});
  refuses(file_of("{} {}", 0), {"not valid JSON"});
  refuses(file_of(std::string("{}\0\0", 4), 0), {"NUL byte at offset 2"});
  refuses(file_of("\xEF\xBB\xBF{}", 0), {"byte order mark"});
  refuses(file_of("{\"\xFF\":1}", 0), {"not valid JSON", "UTF-8"});
  refuses(file_of("[]", 0), {"got array", "object"});
  refuses(file_of("7", 0), {"got number", "object"});
  refuses(file_of(std::string(5000, '['), 0), {"nested deeper"});
}

TEST_F(Safetensors, RefusesBadEntries) {
  refuses(file_of(one("1"), 0), {"'t'", "got number"});
  refuses(file_of(one(R"({"shape":[1],"data_offsets":[0,4]})"), 4), {"'t'", "no 'dtype'"});
  refuses(file_of(one(R"({"dtype":"F32","data_offsets":[0,4]})"), 4), {"'t'", "no 'shape'"});
  refuses(file_of(one(R"({"dtype":"F32","shape":[1]})"), 4), {"'t'", "no 'data_offsets'"});
  refuses(file_of(one(R"({"dtype":5,"shape":[1],"data_offsets":[0,4]})"), 4), {"dtype", "got 5"});
  refuses(file_of(one(R"({"dtype":"F31","shape":[1],"data_offsets":[0,4]})"), 4), {"unknown dtype", "F31"});
  refuses(file_of(one(R"({"dtype":"f32","shape":[1],"data_offsets":[0,4]})"), 4), {"unknown dtype", "f32"});
  refuses(file_of(one(R"({"dtype":"F32","shape":1,"data_offsets":[0,4]})"), 4), {"shape", "got 1"});
  for (const std::string size : {"-1", "1.0", "1e0", "\"1\"", "null", "true", "18446744073709551616"}) {
    const std::string shape = R"({"dtype":"F32","shape":[)" + size + R"(],"data_offsets":[0,4]})";
    refuses(file_of(one(shape), 4), {"shape", "expected an integer"});
    const std::string offsets = R"({"dtype":"F32","shape":[1],"data_offsets":[0,)" + size + "]}";
    refuses(file_of(one(offsets), 4), {"data_offsets", "expected an integer"});
  }
  for (const std::string offsets : {"[]", "[0]", "[0,4,4]", "4", "{}"}) {
    refuses(file_of(one(R"({"dtype":"F32","shape":[1],"data_offsets":)" + offsets + "}"), 4),
            {"data_offsets", "[begin, end]"});
  }
}

TEST_F(Safetensors, RefusesBadMetadata) {
  refuses(file_of(R"({"__metadata__":[]})", 0), {"__metadata__", "array"});
  refuses(file_of(R"({"__metadata__":{"a":1}})", 0), {"__metadata__", "'a'", "got 1"});
  refuses(file_of(R"({"__metadata__":{"a":{"b":"c"}}})", 0), {"__metadata__", "'a'"});
}

TEST_F(Safetensors, RefusesDuplicateNames) {
  const std::string entry = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  refuses(file_of(R"({"t":)" + entry + R"(,"t":)" + entry + "}", 4), {"'t' occurs twice"});
  refuses(file_of(R"({"__metadata__":{"a":"1","a":"2"}})", 0), {"'a' occurs twice"});
  refuses(file_of(one(R"({"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]})"), 4),
          {"'dtype' occurs twice"});
}

TEST_F(Safetensors, RefusesOffsetsThatDoNotCoverTheData) {
  const auto entry = [](int begin, int end) {
    return R"({"dtype":"U8","shape":[4],"data_offsets":[)" + std::to_string(begin) + "," +
           std::to_string(end) + "]}";
  };
  const auto two = [&](int b0, int e0, int b1, int e1) {
    return R"({"a":)" + entry(b0, e0) + R"(,"b":)" + entry(b1, e1) + "}";
  };
  refuses(file_of(two(0, 4, 0, 4), 8), {"'b'", "overlap 'a'", "got begin 0, expected 4"});
  refuses(file_of(two(0, 4, 3, 7), 8), {"'b'", "overlap 'a'", "got begin 3, expected 4"});
  refuses(file_of(two(0, 4, 5, 9), 9), {"'b'", "hole after 'a'", "got begin 5, expected 4"});
  refuses(file_of(two(1, 5, 5, 9), 9), {"'a'", "hole after the start"});
  refuses(file_of(two(0, 4, 4, 3), 4), {"'b'", "end before they begin", "[4, 3]"});
  refuses(file_of(one(entry(0, 5)), 5), {"'t'", "hold 5", "expected 4", "U8 [4]"});
  refuses(file_of(one(entry(0, 3)), 3), {"'t'", "hold 3", "expected 4"});
  refuses(file_of(two(0, 4, 4, 8), 6), {"truncated", "got 6 data bytes", "expected 8"});
  refuses(file_of(two(0, 4, 4, 8), 9), {"longer", "got 9 data bytes", "expected 8"});
  refuses(file_of("{}", 1), {"longer", "got 1 data bytes", "expected 0"});
}

TEST_F(Safetensors, RefusesSizesBeyondCounting) {
  const std::string tail = R"(],"data_offsets":[0,16]})";
  refuses(file_of(one(R"({"dtype":"F32","shape":[2,18446744073709551614)" + tail), 16), {"'t'", "64-bit"});
  refuses(file_of(one(R"({"dtype":"F32","shape":[2,9223372036854775807)" + tail), 16), {"'t'", "64-bit"});
  refuses(file_of(one(R"({"dtype":"F4","shape":[3],"data_offsets":[0,1]})"), 1),
          {"'t'", "12 bits", "multiple of 8"});
}

TEST_F(Safetensors, AcceptsWhatTheFormatAllows) {
  EXPECT_TRUE(open(file_of("{}", 0)).names().empty());
  EXPECT_TRUE(open(file_of(" \n{}\t ", 0)).names().empty());
  EXPECT_TRUE(open(file_of(R"({"__metadata__":null})", 0)).metadata().empty());
  EXPECT_EQ(open(file_of(R"({"__metadata__":{"format":"pt"}})", 0)).metadata().at("format"), "pt");
  const auto extra = open(file_of(one(R"({"dtype":"U8","x":[{}],"shape":[3],"data_offsets":[0,3]})"), 3));
  EXPECT_EQ(extra.find("t")->describe(), "U8 [3]");
  const auto scalar = open(file_of(one(R"({"dtype":"F16","shape":[],"data_offsets":[0,2]})"), 2));
  EXPECT_EQ(scalar.tensor("t").shape(), Shape());
  const auto none = open(file_of(one(R"({"dtype":"F32","shape":[2,0],"data_offsets":[0,0]})"), 0));
  EXPECT_EQ(none.tensor("t").shape(), (Shape{2, 0}));
  EXPECT_TRUE(none.tensor("t").bytes().empty());
  EXPECT_EQ(open(file_of(one(R"({"dtype":"F4","shape":[2,3],"data_offsets":[0,3]})"), 3)).names().size(), 1U);
}

TEST_F(Safetensors, ReadsTensorsInByteOrderAtAnyAddress) {
  std::string header =
      R"({"later":{"dtype":"BF16","shape":[2],"data_offsets":[1,5]},"first":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},)"
      R"("ids":{"dtype":"I64","shape":[2],"data_offsets":[5,21]}})";
  const std::string data("\x07\x80\x3F\x00\xC0\x05\0\0\0\0\0\0\0\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 21);
  const auto file = open(length_field(header.size()) + header + data);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"first", "later", "ids"}));
  EXPECT_EQ(file.tensor("later").to_floats(), (std::vector<float>{1.0F, -2.0F}));
  EXPECT_EQ(file.int64s("ids"), (std::vector<std::int64_t>{5, -2}));
  EXPECT_EQ(file.find("absent"), nullptr);
  expect_error(ExitCode::kCheckpoint, {"'first'", "I8", "expected BF16"}, [&] { file.tensor("first"); });
  expect_error(ExitCode::kCheckpoint, {"no tensor 'absent'"}, [&] { file.tensor("absent"); });
  expect_error(ExitCode::kCheckpoint, {"'later'", "BF16", "expected I64"}, [&] { file.int64s("later"); });
}

TEST_F(Safetensors, RefusesTensorsThatNoShapeHolds) {
  const auto deep =
      open(file_of(one(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]})"), 4));
  expect_error(ExitCode::kCheckpoint, {"'t'", "got 9 dims", "at most 8"}, [&] { deep.tensor("t"); });
  const auto huge =
      open(file_of(one(R"({"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]})"), 0));
  expect_error(ExitCode::kCheckpoint, {"'t'", "9223372036854775808"}, [&] { huge.tensor("t"); });
}

TEST_F(Safetensors, TensorsOutliveTheFileObjectAndTheFile) {
  HostTensor tensor;
  {
    const auto file = open(file_of(one(R"({"dtype":"U32","shape":[1],"data_offsets":[0,4]})"), 4));
    tensor = file.tensor("t");
    file.map().release(tensor.bytes());
  }
  std::filesystem::remove(dir_ / "model.safetensors");
  EXPECT_EQ(tensor.to_floats(), (std::vector<float>{static_cast<float>(0x01010101)}));
}

}  // namespace
}  // namespace ttx
