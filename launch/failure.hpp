// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <string>

namespace ttx::launch {

/// What a program says about an error, on stderr: its name and one sentence.
void say_error(const std::string& program, const std::exception& error);

/// The exit code that an error stands for.
int exit_code_of(const std::exception& error);

/// The main of a program without ranks: runs `body` and gives its exit code, or says what it throws and gives
/// the error's. A stdout that could not be written is an error too.
int local_program(const std::string& name, const std::function<int()>& body);

}  // namespace ttx::launch
