// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <stdlib.h>
#include <string>
#include <unistd.h>

namespace ttx::hf::test {

/// Starts with none of the variables of the hub set, and puts all back at the end of the scope.
class HubEnvironment {
 public:
  HubEnvironment() {
    for (const char* name : {"TRANSFORMERS_CACHE", "PYTORCH_TRANSFORMERS_CACHE",
                             "PYTORCH_PRETRAINED_BERT_CACHE", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE",
                             "HF_HOME", "XDG_CACHE_HOME", "HOME", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
      remember(name);
      ::unsetenv(name);
    }
  }
  ~HubEnvironment() {
    for (const auto& [name, value] : before_) {
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }
  }
  HubEnvironment(const HubEnvironment&) = delete;
  HubEnvironment& operator=(const HubEnvironment&) = delete;

  void set(const std::string& name, const std::string& value) {
    remember(name);
    ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  void remember(const std::string& name) {
    const char* const value = ::getenv(name.c_str());
    before_.emplace(name, value == nullptr ? std::nullopt : std::optional<std::string>(value));
  }

  std::map<std::string, std::optional<std::string>> before_;
};

/// For files root may always read: a scope in which root is an ordinary user who owns `folder` with all
/// below.
class AsOrdinaryUser {
 public:
  explicit AsOrdinaryUser(const std::filesystem::path& folder) {
    constexpr ::uid_t kOther = 65534;
    if (::geteuid() != 0) {
      return;
    }
    bool owned = ::chown(folder.c_str(), kOther, kOther) == 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      owned = ::lchown(entry.path().c_str(), kOther, kOther) == 0 && owned;
    }
    changed_ = owned && ::seteuid(kOther) == 0;
    ordinary_ = changed_;
  }
  ~AsOrdinaryUser() {
    if (changed_ && ::seteuid(0) != 0) {
      std::abort();
    }
  }
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;

  explicit operator bool() const { return ordinary_; }

 private:
  bool changed_ = false;
  bool ordinary_ = ::geteuid() != 0;
};

}  // namespace ttx::hf::test
