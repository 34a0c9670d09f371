// SPDX-License-Identifier: Apache-2.0
#include "runtime/sha256.hpp"

#include <array>

#include <fmt/core.h>
#include <openssl/evp.h>

#include "runtime/error.hpp"

namespace ttx {

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  TTX_CHECK(
      state_->context != nullptr && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1,
      "sha256", "OpenSSL cannot start a SHA-256");
}

Sha256::~Sha256() = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  TTX_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "sha256",
            "OpenSSL failed on {} bytes", bytes.size());
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  TTX_CHECK(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length) == 1, "sha256",
            "OpenSSL failed to finish");
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += fmt::format("{:02x}", digest[i]);
  }
  return text;
}

std::string sha256_hex(std::string_view text) { return Sha256().update(text).hex(); }

}  // namespace ttx
