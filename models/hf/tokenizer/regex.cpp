// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/regex.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "models/hf/tokenizer/symbol_map.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace ttx::hf {
namespace {

// A search may take this many steps per character of its text, and at least the second number: a run of a
// million spaces is tried to its end and back, which is linear; a pattern that needs more is one that never
// ends.
constexpr std::size_t kStepsPerCharacter = 64;
constexpr std::size_t kLeastSteps = 10'000'000;
constexpr std::uint32_t kHeapKib = std::uint32_t{1} << 20;

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

std::string engine_message(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

/// One character of the pattern as a class of symbols.
std::string symbol_class(const RegexItem& item, const SymbolMap& map) {
  std::array<bool, SymbolMap::kMaxSymbols> member{};
  for (const std::size_t set : item.sets) {
    for (const std::uint8_t symbol : map.symbols_of(set)) {
      member[symbol] = true;
    }
  }
  std::string members;
  for (std::size_t symbol = 0; symbol < map.symbol_count(); ++symbol) {
    if (member[symbol] != item.negated) {
      members += fmt::format("\\x{:02x}", symbol);
    }
  }
  return members.empty() ? "(?!)" : "[" + members + "]";
}

std::string symbol_pattern(const RegexPattern& pattern, const SymbolMap& map) {
  std::string text;
  for (const RegexItem& item : pattern.items) {
    text += item.sets.empty() ? item.syntax : symbol_class(item, map);
  }
  return text;
}

/// A text as symbols, with the byte at which each begins, and the text's size behind them.
struct SymbolText {
  SymbolText(std::string_view text, const SymbolMap& map) {
    symbols.reserve(text.size());
    bytes.reserve(text.size() + 1);
    std::size_t at = 0;
    while (at < text.size()) {
      bytes.push_back(at);
      symbols.push_back(map.symbol(next_code_point(text, at)));
    }
    bytes.push_back(at);
  }

  std::vector<std::uint8_t> symbols;
  std::vector<std::size_t> bytes;
};

/// One search after another with the same pattern and text.
class Search {
 public:
  Search(const pcre2_code* code, const SymbolText& text)
      : code_(code),
        text_(text),
        context_(pcre2_match_context_create(nullptr)),
        data_(pcre2_match_data_create(1, nullptr)) {
    TTX_CHECK(context_ && data_, "tokenizer", "no memory for a regex search");
    const std::size_t steps = std::max(kLeastSteps, text.symbols.size() * kStepsPerCharacter);
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    pcre2_set_match_limit(context_.get(), static_cast<std::uint32_t>(std::min(steps, kMost)));
    pcre2_set_heap_limit(context_.get(), kHeapKib);
  }

  /// The first match that begins at symbol `start` or later.
  std::optional<TextSpan> from(std::size_t start) {
    const int found =
        pcre2_match(code_, text_.symbols.data(), text_.symbols.size(), start, 0, data_.get(), context_.get());
    if (found == PCRE2_ERROR_NOMATCH) {
      return std::nullopt;
    }
    TTX_CHECK(found > 0, "tokenizer",
              "a regex search failed at character {} of {}: got \"{}\"; use a shorter text", start,
              text_.symbols.size(), engine_message(found));
    const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(data_.get());
    return TextSpan{bounds[0], bounds[1]};
  }

 private:
  const pcre2_code* code_;
  const SymbolText& text_;
  Owned<pcre2_match_context> context_;
  Owned<pcre2_match_data> data_;
};

}  // namespace

struct Regex::Parts {
  SymbolMap map;
  Owned<pcre2_code> code;
};

Regex::Regex(const RegexPattern& pattern, std::string_view shown) {
  SymbolMap map(pattern.sets);
  const std::string text = symbol_pattern(pattern, map);
  int error = 0;
  PCRE2_SIZE place = 0;
  Owned<pcre2_code> code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                       PCRE2_NO_AUTO_CAPTURE, &error, &place, nullptr));
  TTX_CHECK_AS(code, ExitCode::kCheckpoint, "tokenizer",
               "regex \"{}\" cannot be compiled: got \"{}\"; rewrite the pattern in tokenizer.json", shown,
               engine_message(error));
  // No pcre2_jit_compile: the code that PCRE2 10.42 makes for (?>[^ ]*| ?) [0-9]+ backtracks into the atomic
  // group.
  parts_ = std::make_unique<Parts>(Parts{std::move(map), std::move(code)});
}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::vector<TextSpan> Regex::find_all(std::string_view text) const {
  if (text.empty()) {
    return {};
  }
  const SymbolText subject(text, parts_->map);
  Search search(parts_->code.get(), subject);
  std::vector<TextSpan> matches;
  std::optional<std::size_t> last_end;
  std::size_t start = 0;
  while (start <= subject.symbols.size()) {
    const auto match = search.from(start);
    if (!match) {
      break;
    }
    if (match->begin == match->end && last_end == match->end) {
      ++start;
      continue;
    }
    matches.push_back({subject.bytes[match->begin], subject.bytes[match->end]});
    start = match->end;
    last_end = match->end;
  }
  return matches;
}

}  // namespace ttx::hf
