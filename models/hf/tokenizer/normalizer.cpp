// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/normalizer.hpp"

#include <algorithm>

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

Normalizer::Normalizer(const JsonNode& part) {
  for (const JsonNode& node : flatten_sequence(part, "normalizers")) {
    const std::string type = node.at("type").string();
    if (type == "NFC") {
      forms_.push_back(Form::kNfc);
    } else if (type == "NFD") {
      forms_.push_back(Form::kNfd);
    } else if (type == "NFKC") {
      forms_.push_back(Form::kNfkc);
    } else if (type == "NFKD") {
      forms_.push_back(Form::kNfkd);
    } else {
      refuse_part(node, "normalizer", "Sequence, NFC, NFD, NFKC or NFKD");
    }
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string normalized(text);
  if (is_ascii(text)) {
    return normalized;
  }
  for (const Form form : forms_) {
    normalized = apply_form(form, normalized);
  }
  return normalized;
}

std::string Normalizer::apply_form(Form form, std::string_view text) {
  IcuStatus status;
  const icu::Normalizer2* full = form == Form::kNfc    ? icu::Normalizer2::getNFCInstance(status)
                                 : form == Form::kNfd  ? icu::Normalizer2::getNFDInstance(status)
                                 : form == Form::kNfkc ? icu::Normalizer2::getNFKCInstance(status)
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
