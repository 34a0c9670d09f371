// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/unicode_form.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

/// ICU reports through a status; this turns a failure into an exception.
class IcuStatus {
 public:
  operator UErrorCode&() { return code_; }
  void check(std::string_view what) const {
    TTX_CHECK(U_SUCCESS(code_), "tokenizer",
              "ICU cannot {}: got {}; check the installation of ICU and its data", what, u_errorName(code_));
  }

 private:
  UErrorCode code_ = U_ZERO_ERROR;
};

/// The characters that Unicode 9.0 had. Built once, never destroyed: threads may still use it at exit.
const icu::UnicodeSet& unicode_9() {
  static const icu::UnicodeSet* const kSet = [] {
    IcuStatus status;
    auto made = std::make_unique<icu::UnicodeSet>(u"[:Age=9.0:]", status);
    status.check("list the characters of Unicode 9.0");
    made->freeze();
    return made.release();
  }();
  return *kSet;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

}  // namespace

std::optional<UnicodeForm> unicode_form(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, UnicodeForm>, 4> kNames = {{{"NFC", UnicodeForm::kNfc},
                                                                               {"NFD", UnicodeForm::kNfd},
                                                                               {"NFKC", UnicodeForm::kNfkc},
                                                                               {"NFKD", UnicodeForm::kNfkd}}};
  for (const auto& [known, form] : kNames) {
    if (known == name) {
      return form;
    }
  }
  return std::nullopt;
}

std::string to_unicode_form(UnicodeForm form, std::string_view text) {
  if (is_ascii(text)) {
    return std::string(text);
  }
  IcuStatus status;
  const icu::Normalizer2* full = form == UnicodeForm::kNfc    ? icu::Normalizer2::getNFCInstance(status)
                                 : form == UnicodeForm::kNfd  ? icu::Normalizer2::getNFDInstance(status)
                                 : form == UnicodeForm::kNfkc ? icu::Normalizer2::getNFKCInstance(status)
                                                              : icu::Normalizer2::getNFKDInstance(status);
  status.check("load its normalization data");
  const icu::FilteredNormalizer2 normalizer(*full, unicode_9());
  std::string normalized;
  normalized.reserve(text.size());
  icu::StringByteSink<std::string> sink(&normalized);
  normalizer.normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                           nullptr, status);
  status.check("normalize a text");
  return normalized;
}

}  // namespace ttx::hf
