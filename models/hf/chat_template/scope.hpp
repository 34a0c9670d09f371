// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// The variables of a part of a template: the template itself, one round of a loop, a call of a macro. What
/// is set in an inner scope is not seen outside.
class Scope {
 public:
  /// The outermost one.
  explicit Scope(Dict variables) : variables_(std::move(variables)) {}
  /// One in another. Throws Problem when they nest too deep.
  explicit Scope(Scope* parent) : parent_(parent), depth_(parent->depth_ + 1) {
    if (depth_ > kMostDepth) {
      throw Problem("loops nest too deep: got more than 200 levels");
    }
  }

  void set(const std::string& name, Value value) { variables_.set(name, std::move(value)); }

  /// Undefined where no scope has the name.
  Value find(const std::string& name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
      if (const Value* value = scope->variables_.find(name)) {
        return *value;
      }
    }
    return Undefined{name};
  }

  /// A call of a macro, whose scope lies in the root. Throws Problem when calls nest too deep.
  class Call {
   public:
    explicit Call(Scope& root) : root_(root) {
      if (++root_.calls_ > kMostDepth) {
        --root_.calls_;
        throw Problem("macros nest too deep: got more than 200 calls");
      }
    }
    ~Call() { --root_.calls_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Scope& root_;
  };

  Scope& root() { return parent_ == nullptr ? *this : parent_->root(); }

 private:
  static constexpr int kMostDepth = 200;

  Scope* parent_ = nullptr;
  int depth_ = 0;
  int calls_ = 0;
  Dict variables_;
};

/// A parsed expression: its value in a scope. Throws Problem.
using Expression = std::function<Value(Scope&)>;

/// What follows a statement: the next one, the next round of the loop, or what comes behind the loop.
enum class Flow { kNext, kContinue, kBreak };

/// A parsed statement: writes to the text. Throws ttx::Error, which names the line.
using Statement = std::function<Flow(Scope&, std::string&)>;

}  // namespace ttx::hf::jinja
