// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/operators.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace ttx::hf::jinja {
namespace {

constexpr std::int64_t kLongest = 10'000'000;  // of a text or list that * makes

[[noreturn]] void refuse(std::string_view sign, const Value& a, const Value& b) {
  if (a.is_undefined() || b.is_undefined()) {
    throw Problem(fmt::format("'{}' is undefined", (a.is_undefined() ? a : b).undefined()->name));
  }
  throw Problem(fmt::format("{} cannot be used: got {} and {}", sign, a.kind(), b.kind()));
}

[[noreturn]] void overflow() { throw Problem("a number is too large: expected at most 64 bits"); }

void require_numbers(std::string_view sign, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) {
    refuse(sign, a, b);
  }
}

bool both_whole(const Value& a, const Value& b) { return a.is_whole() && b.is_whole(); }

void require_divisor(const Value& b) {
  if (b.number() == 0) {
    throw Problem("division by zero");
  }
}

/// The elements as a list or a tuple, whichever `sequence` is.
Value like(const Value& sequence, List list) {
  return sequence.is_tuple() ? Value(Tuple{std::move(list)}) : Value(std::move(list));
}

Value repeated(const Value& sequence, std::int64_t times) {
  times = std::max<std::int64_t>(times, 0);
  const std::size_t size = sequence.text() != nullptr ? sequence.text()->size() : sequence.list()->size();
  if (size != 0 && times > kLongest / static_cast<std::int64_t>(size)) {
    throw Problem("* makes too much: expected at most 10000000 elements");
  }
  std::string text;
  List list;
  for (std::int64_t i = 0; i < times; ++i) {
    if (sequence.text() != nullptr) {
      text += *sequence.text();
    } else {
      list.insert(list.end(), sequence.list()->begin(), sequence.list()->end());
    }
  }
  return sequence.text() != nullptr ? Value(std::move(text)) : like(sequence, std::move(list));
}

}  // namespace

Value add(const Value& a, const Value& b) {
  if (a.text() != nullptr && b.text() != nullptr) {
    return *a.text() + *b.text();
  }
  if (a.list() != nullptr && b.list() != nullptr && a.is_tuple() == b.is_tuple()) {
    List list = *a.list();
    list.insert(list.end(), b.list()->begin(), b.list()->end());
    return like(a, std::move(list));
  }
  require_numbers("+", a, b);
  if (!both_whole(a, b)) {
    return a.number() + b.number();
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.whole(), b.whole(), &sum)) {
    overflow();
  }
  return sum;
}

Value subtract(const Value& a, const Value& b) {
  require_numbers("-", a, b);
  if (!both_whole(a, b)) {
    return a.number() - b.number();
  }
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.whole(), b.whole(), &difference)) {
    overflow();
  }
  return difference;
}

Value multiply(const Value& a, const Value& b) {
  const auto is_sequence = [](const Value& value) {
    return value.text() != nullptr || value.list() != nullptr;
  };
  if (is_sequence(a) && b.is_whole()) {
    return repeated(a, b.whole());
  }
  if (is_sequence(b) && a.is_whole()) {
    return repeated(b, a.whole());
  }
  require_numbers("*", a, b);
  if (!both_whole(a, b)) {
    return a.number() * b.number();
  }
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a.whole(), b.whole(), &product)) {
    overflow();
  }
  return product;
}

Value divide(const Value& a, const Value& b) {
  require_numbers("/", a, b);
  require_divisor(b);
  return a.number() / b.number();
}

Value floor_divide(const Value& a, const Value& b) {
  require_numbers("//", a, b);
  require_divisor(b);
  if (!both_whole(a, b)) {
    return std::floor(a.number() / b.number());
  }
  if (b.whole() == -1) {
    return negate(a.whole());
  }
  const std::int64_t quotient = a.whole() / b.whole();
  const bool rounds_down = a.whole() % b.whole() != 0 && (a.whole() < 0) != (b.whole() < 0);
  return quotient - (rounds_down ? 1 : 0);
}

Value modulo(const Value& a, const Value& b) {
  require_numbers("%", a, b);
  require_divisor(b);
  if (!both_whole(a, b)) {
    const double rest = std::fmod(a.number(), b.number());
    return rest != 0 && (rest < 0) != (b.number() < 0) ? rest + b.number() : rest;
  }
  const std::int64_t rest = b.whole() == -1 ? 0 : a.whole() % b.whole();
  return rest != 0 && (rest < 0) != (b.whole() < 0) ? rest + b.whole() : rest;
}

Value power(const Value& a, const Value& b) {
  require_numbers("**", a, b);
  if (!both_whole(a, b) || b.whole() < 0) {
    return std::pow(a.number(), b.number());
  }
  Value product = std::int64_t{1};
  for (std::int64_t i = 0; i < b.whole(); ++i) {
    product = multiply(product, a);
    if (std::abs(a.whole()) < 2 && i > 1) {
      i += (b.whole() - i - 1) / 2 * 2;  // powers of 0, 1 and -1 repeat
    }
  }
  return product;
}

Value negate(const Value& a) {
  return a.real() != nullptr ? Value(-*a.real()) : subtract(std::int64_t{0}, a);
}

bool contains(const Value& where, const Value& item) {
  if (where.text() != nullptr) {
    if (item.text() == nullptr) {
      refuse("in", item, where);
    }
    return where.text()->find(*item.text()) != std::string::npos;
  }
  if (where.dict() != nullptr) {
    return item.text() != nullptr && where.dict()->find(*item.text()) != nullptr;
  }
  const List list = elements(where);
  return std::any_of(list.begin(), list.end(), [&](const Value& element) { return equal(element, item); });
}

}  // namespace ttx::hf::jinja
