// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ttx::launch {

/// The words of a text as a POSIX shell cuts them: at blanks and line ends, with '...', "..." and \ quoting.
/// Nothing is replaced: $, ` and * are ordinary characters. Throws Error(kUsage), naming `what`, when a quote
/// is not closed or the text ends in a lone \.
std::vector<std::string> shell_words(std::string_view text, std::string_view what);

}  // namespace ttx::launch
