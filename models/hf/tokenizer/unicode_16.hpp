// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace ttx::hf {

/// Short names of the general categories that Unicode 15.1 and 16.0 added characters to.
enum class NewCategory : std::uint8_t { kLu, kLl, kLm, kLo, kMn, kMc, kNd, kPd, kPo, kSm, kSo };

struct NewCodePoints {
  char32_t first;
  char32_t last;
  NewCategory category;
};

/// The 5,812 characters of Unicode 16.0 that Unicode 15.0 does not have (UnicodeData.txt of both). No
/// character that both have changed its category.
constexpr std::array<NewCodePoints, 83> kSinceUnicode15 = {{
    {0x897, 0x897, NewCategory::kMn},     {0x1B4E, 0x1B4F, NewCategory::kPo},
    {0x1B7F, 0x1B7F, NewCategory::kPo},   {0x1C89, 0x1C89, NewCategory::kLu},
    {0x1C8A, 0x1C8A, NewCategory::kLl},   {0x2427, 0x2429, NewCategory::kSo},
    {0x2FFC, 0x2FFF, NewCategory::kSo},   {0x31E4, 0x31E5, NewCategory::kSo},
    {0x31EF, 0x31EF, NewCategory::kSo},   {0xA7CB, 0xA7CC, NewCategory::kLu},
    {0xA7CD, 0xA7CD, NewCategory::kLl},   {0xA7DA, 0xA7DA, NewCategory::kLu},
    {0xA7DB, 0xA7DB, NewCategory::kLl},   {0xA7DC, 0xA7DC, NewCategory::kLu},
    {0x105C0, 0x105F3, NewCategory::kLo}, {0x10D40, 0x10D49, NewCategory::kNd},
    {0x10D4A, 0x10D4D, NewCategory::kLo}, {0x10D4E, 0x10D4E, NewCategory::kLm},
    {0x10D4F, 0x10D4F, NewCategory::kLo}, {0x10D50, 0x10D65, NewCategory::kLu},
    {0x10D69, 0x10D6D, NewCategory::kMn}, {0x10D6E, 0x10D6E, NewCategory::kPd},
    {0x10D6F, 0x10D6F, NewCategory::kLm}, {0x10D70, 0x10D85, NewCategory::kLl},
    {0x10D8E, 0x10D8F, NewCategory::kSm}, {0x10EC2, 0x10EC4, NewCategory::kLo},
    {0x10EFC, 0x10EFC, NewCategory::kMn}, {0x11380, 0x11389, NewCategory::kLo},
    {0x1138B, 0x1138B, NewCategory::kLo}, {0x1138E, 0x1138E, NewCategory::kLo},
    {0x11390, 0x113B5, NewCategory::kLo}, {0x113B7, 0x113B7, NewCategory::kLo},
    {0x113B8, 0x113BA, NewCategory::kMc}, {0x113BB, 0x113C0, NewCategory::kMn},
    {0x113C2, 0x113C2, NewCategory::kMc}, {0x113C5, 0x113C5, NewCategory::kMc},
    {0x113C7, 0x113CA, NewCategory::kMc}, {0x113CC, 0x113CD, NewCategory::kMc},
    {0x113CE, 0x113CE, NewCategory::kMn}, {0x113CF, 0x113CF, NewCategory::kMc},
    {0x113D0, 0x113D0, NewCategory::kMn}, {0x113D1, 0x113D1, NewCategory::kLo},
    {0x113D2, 0x113D2, NewCategory::kMn}, {0x113D3, 0x113D3, NewCategory::kLo},
    {0x113D4, 0x113D5, NewCategory::kPo}, {0x113D7, 0x113D8, NewCategory::kPo},
    {0x113E1, 0x113E2, NewCategory::kMn}, {0x116D0, 0x116E3, NewCategory::kNd},
    {0x11BC0, 0x11BE0, NewCategory::kLo}, {0x11BE1, 0x11BE1, NewCategory::kPo},
    {0x11BF0, 0x11BF9, NewCategory::kNd}, {0x11F5A, 0x11F5A, NewCategory::kMn},
    {0x13460, 0x143FA, NewCategory::kLo}, {0x16100, 0x1611D, NewCategory::kLo},
    {0x1611E, 0x16129, NewCategory::kMn}, {0x1612A, 0x1612C, NewCategory::kMc},
    {0x1612D, 0x1612F, NewCategory::kMn}, {0x16130, 0x16139, NewCategory::kNd},
    {0x16D40, 0x16D42, NewCategory::kLm}, {0x16D43, 0x16D6A, NewCategory::kLo},
    {0x16D6B, 0x16D6C, NewCategory::kLm}, {0x16D6D, 0x16D6F, NewCategory::kPo},
    {0x16D70, 0x16D79, NewCategory::kNd}, {0x18CFF, 0x18CFF, NewCategory::kLo},
    {0x1CC00, 0x1CCEF, NewCategory::kSo}, {0x1CCF0, 0x1CCF9, NewCategory::kNd},
    {0x1CD00, 0x1CEB3, NewCategory::kSo}, {0x1E5D0, 0x1E5ED, NewCategory::kLo},
    {0x1E5EE, 0x1E5EF, NewCategory::kMn}, {0x1E5F0, 0x1E5F0, NewCategory::kLo},
    {0x1E5F1, 0x1E5FA, NewCategory::kNd}, {0x1E5FF, 0x1E5FF, NewCategory::kPo},
    {0x1F8B2, 0x1F8BB, NewCategory::kSo}, {0x1F8C0, 0x1F8C1, NewCategory::kSo},
    {0x1FA89, 0x1FA89, NewCategory::kSo}, {0x1FA8F, 0x1FA8F, NewCategory::kSo},
    {0x1FABE, 0x1FABE, NewCategory::kSo}, {0x1FAC6, 0x1FAC6, NewCategory::kSo},
    {0x1FADC, 0x1FADC, NewCategory::kSo}, {0x1FADF, 0x1FADF, NewCategory::kSo},
    {0x1FAE9, 0x1FAE9, NewCategory::kSo}, {0x1FBCB, 0x1FBEF, NewCategory::kSo},
    {0x2EBF0, 0x2EE5D, NewCategory::kLo},
}};

}  // namespace ttx::hf
