// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/code_point_set.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include <unicode/uchar.h>

#include "models/hf/tokenizer/unicode_16.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr int kUnicodeMajor = 16;
constexpr int kOldestUnicodeMajor = 15;

using CategoryMask = std::uint32_t;

struct CategoryName {
  std::string_view name;
  CategoryMask mask;
};

constexpr std::array<CategoryName, 36> kCategories = {{
    {"L", U_GC_L_MASK},   {"Lu", U_GC_LU_MASK}, {"Ll", U_GC_LL_MASK}, {"Lt", U_GC_LT_MASK},
    {"Lm", U_GC_LM_MASK}, {"Lo", U_GC_LO_MASK}, {"M", U_GC_M_MASK},   {"Mn", U_GC_MN_MASK},
    {"Mc", U_GC_MC_MASK}, {"Me", U_GC_ME_MASK}, {"N", U_GC_N_MASK},   {"Nd", U_GC_ND_MASK},
    {"Nl", U_GC_NL_MASK}, {"No", U_GC_NO_MASK}, {"P", U_GC_P_MASK},   {"Pc", U_GC_PC_MASK},
    {"Pd", U_GC_PD_MASK}, {"Ps", U_GC_PS_MASK}, {"Pe", U_GC_PE_MASK}, {"Pi", U_GC_PI_MASK},
    {"Pf", U_GC_PF_MASK}, {"Po", U_GC_PO_MASK}, {"S", U_GC_S_MASK},   {"Sm", U_GC_SM_MASK},
    {"Sc", U_GC_SC_MASK}, {"Sk", U_GC_SK_MASK}, {"So", U_GC_SO_MASK}, {"Z", U_GC_Z_MASK},
    {"Zs", U_GC_ZS_MASK}, {"Zl", U_GC_ZL_MASK}, {"Zp", U_GC_ZP_MASK}, {"C", U_GC_C_MASK},
    {"Cc", U_GC_CC_MASK}, {"Cf", U_GC_CF_MASK}, {"Cn", U_GC_CN_MASK}, {"Co", U_GC_CO_MASK},
}};

constexpr std::array<CategoryMask, 11> kNewCategoryMasks = {
    U_GC_LU_MASK, U_GC_LL_MASK, U_GC_LM_MASK, U_GC_LO_MASK, U_GC_MN_MASK, U_GC_MC_MASK,
    U_GC_ND_MASK, U_GC_PD_MASK, U_GC_PO_MASK, U_GC_SM_MASK, U_GC_SO_MASK};

struct CategoryRange {
  CodePointRange range;
  CategoryMask mask;
};

bool newer_than_unicode_16(char32_t code_point) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(code_point), age);
  return age[0] > kUnicodeMajor;
}

/// A range that ICU has no characters in: what Unicode 16.0 has there, and the rest.
void append_unassigned(std::vector<CategoryRange>& ranges, CodePointRange range) {
  char32_t at = range.first;
  for (const NewCodePoints& added : kSinceUnicode15) {
    const CodePointRange both = {std::max(added.first, at), std::min(added.last, range.last)};
    if (both.first > both.last) {
      continue;
    }
    if (at < both.first) {
      ranges.push_back({{at, both.first - 1}, U_GC_CN_MASK});
    }
    ranges.push_back({both, kNewCategoryMasks[static_cast<std::size_t>(added.category)]});
    at = both.last + 1;
  }
  if (at <= range.last) {
    ranges.push_back({{at, range.last}, U_GC_CN_MASK});
  }
}

UBool append_range(const void* context, UChar32 start, UChar32 limit, UCharCategory category) {
  auto& ranges = **static_cast<std::vector<CategoryRange>* const*>(context);
  const CodePointRange range = {static_cast<char32_t>(start), static_cast<char32_t>(limit - 1)};
  if (category == U_UNASSIGNED) {
    append_unassigned(ranges, range);
  } else {
    ranges.push_back({range, U_MASK(category)});
  }
  return true;
}

/// Every code point's category in Unicode 16.0, ascending.
std::vector<CategoryRange> categories() {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  TTX_CHECK(
      version[0] >= kOldestUnicodeMajor, "tokenizer",
      "the installed ICU is too old: got Unicode {}.{}, expected {}.0 or newer; install ICU 72 or newer",
      version[0], version[1], kOldestUnicodeMajor);
  std::vector<CategoryRange> ranges;
  auto* const context = &ranges;
  u_enumCharTypes(append_range, &context);
  if (version[0] <= kUnicodeMajor) {
    return ranges;
  }
  std::vector<CategoryRange> clipped;
  for (const CategoryRange& range : ranges) {
    for (char32_t c = range.range.first; c <= range.range.last; ++c) {
      clipped.push_back({{c, c}, newer_than_unicode_16(c) ? CategoryMask{U_GC_CN_MASK} : range.mask});
    }
  }
  return clipped;
}

CodePointSet of_categories(CategoryMask mask) {
  std::vector<CodePointRange> ranges;
  for (const CategoryRange& range : categories()) {
    if ((range.mask & mask) != 0) {
      ranges.push_back(range.range);
    }
  }
  return CodePointSet(std::move(ranges));
}

}  // namespace

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.first < b.first; });
  for (const CodePointRange range : ranges) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

bool CodePointSet::contains(char32_t code_point) const {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), code_point,
                       [](char32_t value, CodePointRange range) { return value < range.first; });
  return after != ranges_.begin() && code_point <= std::prev(after)->last;
}

std::optional<CodePointSet> general_category(std::string_view name) {
  const auto found =
      std::find_if(kCategories.begin(), kCategories.end(), [&](auto c) { return c.name == name; });
  if (found == kCategories.end()) {
    return std::nullopt;
  }
  return of_categories(found->mask);
}

CodePointSet white_space() {
  return {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
          {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
}

CodePointSet word_characters() {
  constexpr CategoryMask kAlways = U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  std::vector<CodePointRange> ranges = {{0x200C, 0x200D}};
  for (const CategoryRange& range : categories()) {
    if ((range.mask & kAlways) != 0) {
      ranges.push_back(range.range);
    } else if (range.mask != U_GC_CN_MASK) {
      for (char32_t c = range.range.first; c <= range.range.last; ++c) {
        if (u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_ALPHABETIC)) {
          ranges.push_back({c, c});
        }
      }
    }
  }
  return CodePointSet(std::move(ranges));
}

CodePointSet numeric_characters() {
  std::vector<CodePointRange> ranges = general_category("N")->ranges();
  ranges.push_back({0x11DE0, 0x11DE9});
  ranges.push_back({0x16FF4, 0x16FF6});
  return CodePointSet(std::move(ranges));
}

}  // namespace ttx::hf
