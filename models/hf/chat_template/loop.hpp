// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "models/hf/chat_template/scope.hpp"
#include "runtime/error.hpp"

namespace ttx::hf::jinja {

/// The variable `loop` in round number `i`: index, index0, revindex, revindex0, first, last, length,
/// previtem, nextitem, depth, depth0, cycle().
Value loop_variable(const List& values, std::size_t i);

/// Binds the names of a for loop or a set: one name to the value, several to its elements. Throws Problem
/// when their numbers differ.
void bind(Scope& scope, const std::vector<std::string>& names, const Value& value);

/// Binds what a macro is called with. Throws Problem when it is more, or something it does not know.
void bind_parameters(Scope& scope, const std::string& macro,
                     const std::vector<std::pair<std::string, Expression>>& parameters,
                     const Arguments& arguments);

/// What `run` gives; a Problem becomes a ttx::Error with the line of the statement.
template <typename Run>
auto at_line(std::size_t line, const Run& run) {
  try {
    return run();
  } catch (const Problem& problem) {
    TTX_FAIL("chat_template", "line {} of the chat template: {}", line, problem.what());
  }
}

}  // namespace ttx::hf::jinja
