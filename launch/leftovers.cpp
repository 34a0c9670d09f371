// SPDX-License-Identifier: Apache-2.0
#include "launch/leftovers.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <regex>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "launch/open_files.hpp"
#include "runtime/cache_folder.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

/// A process makes its session folder before it opens anything in it.
constexpr std::chrono::seconds kBeginning{60};

struct Candidate {
  fs::path path;
  std::optional<pid_t> maker;  ///< by its name
};

bool is_of(const fs::path& path, uid_t user, mode_t type) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && status.st_uid == user && (status.st_mode & S_IFMT) == type;
}

std::string escaped(const std::string& text) {
  return std::regex_replace(text, std::regex(R"([.^$|()\[\]{}*+?\\])"), R"(\$&)");
}

/// Entries of `folder` whose whole name matches; the first group, if any, is a process.
std::vector<Candidate> matching(const fs::path& folder, const std::string& pattern, uid_t user, mode_t type) {
  std::vector<Candidate> found;
  const std::regex names(pattern);
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::smatch match;
    if (std::regex_match(name, match, names) && is_of(at->path(), user, type)) {
      found.push_back({at->path(), match.size() > 1 && match[1].matched ? std::optional(std::stoi(match[1]))
                                                                        : std::nullopt});
    }
  }
  return found;
}

void append(std::vector<Candidate>& all, const std::vector<Candidate>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

/// Open MPI cuts the domain off the host's name, unless told otherwise.
std::string host_pattern(const std::string& host) {
  const std::string brief = host.substr(0, host.find('.'));
  return fmt::format("(?:{}|{})", escaped(host), escaped(brief));
}

std::vector<fs::path> session_parents(const LeftoverPlaces& places) {
  std::vector<fs::path> parents;
  for (const fs::path& folder : places.temporary) {
    for (const Candidate& found :
         matching(folder, fmt::format(R"(ompi\.{}\.{})", host_pattern(places.host), places.user), places.user,
                  S_IFDIR)) {
      parents.push_back(found.path);
    }
  }
  return parents;
}

bool has_just_begun(const Candidate& candidate) {
  if (!candidate.maker || (::kill(*candidate.maker, 0) != 0 && errno == ESRCH)) {
    return false;
  }
  std::error_code error;
  const auto changed = fs::last_write_time(candidate.path, error);
  return !error && fs::file_time_type::clock::now() - changed < kBeginning;
}

/// Without following a link at its end.
fs::path canonical_name(const fs::path& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path.parent_path(), error);
  return error ? path : folder / path.filename();
}

std::vector<Candidate> candidates(const LeftoverPlaces& places, const std::vector<fs::path>& sessions) {
  std::vector<Candidate> all;
  for (const fs::path& parent : sessions) {
    append(all, matching(parent, R"((?:pid|jf)\.([0-9]{1,9}))", places.user, S_IFDIR));
  }
  const std::string host = host_pattern(places.host);
  append(all, matching(places.shared_memory, fmt::format(R"(vader_segment\.{}\.{}\..+)", host, places.user),
                       places.user, S_IFREG));
  append(all, matching(places.shared_memory, fmt::format(R"(osc_(?:sm|rdma)\.{}\..+)", host), places.user,
                       S_IFREG));
  if (!places.cache.empty()) {
    append(all, matching(places.cache / "reference", R"([0-9a-f]{64}\.tokens)", places.user, S_IFREG));
    append(all, matching(places.cache / "reference", R"(\.[0-9a-f]{64}\.tokens\.([0-9]{1,9})-[0-9]+\.tmp)",
                         places.user, S_IFREG));
    append(all, matching(places.cache / "weights", R"(\.?[0-9a-f]{64}.*\.panels(?:\.[0-9a-f]{16}\.tmp)?)",
                         places.user, S_IFREG));
  }
  return all;
}

}  // namespace

LeftoverPlaces leftover_places() {
  LeftoverPlaces places;
  for (const char* const variable : {"TMPDIR", "TEMP", "TMP"}) {
    if (const char* const value = std::getenv(variable); value != nullptr && *value != '\0') {
      places.temporary.emplace_back(value);
      break;
    }
  }
  if (places.temporary.empty()) {
    places.temporary.emplace_back("/tmp");
  }
  if (const char* const base = std::getenv("OMPI_MCA_orte_tmpdir_base"); base != nullptr && *base != '\0') {
    places.temporary.emplace_back(base);
  }
  places.shared_memory = "/dev/shm";
  places.cache = cache_folder();
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) {
    places.host = name.data();
  }
  places.user = ::geteuid();
  return places;
}

Leftovers remove_leftovers(const LeftoverPlaces& places) {
  Leftovers result;
  const std::vector<fs::path> sessions = session_parents(places);
  const std::vector<Candidate> all = candidates(places, sessions);
  std::vector<fs::path> folders;
  folders.reserve(all.size());
  for (const Candidate& candidate : all) {
    folders.push_back(canonical_name(candidate.path).parent_path());
  }
  // After the list: whoever made one of these has it open by now.
  const OpenFiles open = OpenFiles::below(folders);
  for (const Candidate& candidate : all) {
    if (const auto pid = open.holder(canonical_name(candidate.path))) {
      result.kept.push_back({candidate.path, fmt::format("process {} uses it", *pid)});
    } else if (has_just_begun(candidate)) {
      result.kept.push_back({candidate.path, fmt::format("process {} has just made it", *candidate.maker)});
    } else {
      std::error_code error;
      fs::remove_all(candidate.path, error);
      if (error) {
        result.failed.push_back({candidate.path, error.message()});
      } else {
        result.removed.push_back(candidate.path);
      }
    }
  }
  for (const fs::path& parent : sessions) {
    ::rmdir(parent.c_str());  // when nothing is left in it
  }
  return result;
}

}  // namespace ttx::launch
