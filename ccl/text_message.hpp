// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class Message;
}

/// Protobuf's text format, read leniently. For files of ccl/ only.
namespace ttx::ccl {

/// A field of the text that the schema does not have.
struct SkippedField {
  int line = 0;         ///< from 1
  std::string message;  ///< type of the message it stands in, without its package
  std::string name;
};

/// The text with every byte that is not printable ASCII as \x and two hexadecimal digits.
std::string printable(std::string_view text);

/// Fills `message` from `text`. A byte order mark is skipped, and so are fields and extensions that the
/// schema does not have; the fields are returned. Nothing is logged. Throws Error(kMesh) with
/// `file:line:column: ...` (from 1; a tab ends at a multiple of 8) when the text is no text form of such a
/// message: broken syntax, a value of the wrong type, an unknown name in an enum, a single field given twice,
/// nesting beyond 64.
std::vector<SkippedField> parse_text_message(std::string_view text, const std::string& file,
                                             google::protobuf::Message& message);

}  // namespace ttx::ccl
