// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/error.hpp"

namespace ttx::test {

/// Runs `body`, which must throw ttx::Error with this exit code and all these pieces in its text.
template <class Body>
void expect_error(ExitCode code, std::initializer_list<std::string_view> pieces, Body&& body) {
  try {
    body();
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    for (const std::string_view piece : pieces) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(std::string(piece)));
    }
  }
}

}  // namespace ttx::test
