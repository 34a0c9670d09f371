// SPDX-License-Identifier: Apache-2.0
#include "ccl/text_message.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <utility>

#include "runtime/error.hpp"

namespace ttx::ccl {

namespace {

constexpr int kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Cuts `before` and all that stands in front of it from `text`, and gives what follows up to a double quote.
std::string cut_quoted(std::string_view& text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + before.size());
  return printable(text.substr(0, text.find('"')));
}

class Collector : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (error_.empty()) {
      const std::size_t length = message.size() - (message.ends_with('.') ? 1 : 0);
      const char* const nothing = message.ends_with(": ") ? "the end of the file" : "";
      error_ =
          fmt::format("{}:{}: {}{}", line + 1, column + 1, printable(message.substr(0, length)), nothing);
    }
  }
  void AddWarning(int line, google::protobuf::io::ColumnNumber /*column*/,
                  const std::string& message) override {
    std::string_view rest = message;
    std::string type = cut_quoted(rest, "Message type \"");
    std::string name = cut_quoted(rest, "has no field named \"");
    if (!name.empty()) {
      skipped_.push_back({line + 1, type.substr(type.rfind('.') + 1), std::move(name)});
    }
  }
  /// The first one, or empty.
  const std::string& error() const { return error_; }
  std::vector<SkippedField>& skipped() { return skipped_; }

 private:
  std::string error_;
  std::vector<SkippedField> skipped_;
};

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return result;
}

std::vector<SkippedField> parse_text_message(std::string_view text, const std::string& file,
                                             google::protobuf::Message& message) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Collector collector;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.SetRecursionLimit(kMaxDepth);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  TTX_CHECK_AS(parser.Parse(&stream, &message), ExitCode::kMesh, "mesh graph descriptor",
               "{}:{}; expected the text form of a protobuf MeshGraphDescriptor", file, collector.error());
  return std::move(collector.skipped());
}

}  // namespace ttx::ccl
