// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ttx {

/// An argument as a shell must be given it: unchanged where it is plain, otherwise in single quotes.
std::string shell_quoted(const std::string& argument);

}  // namespace ttx
