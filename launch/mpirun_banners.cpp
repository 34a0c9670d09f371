// SPDX-License-Identifier: Apache-2.0
#include "launch/mpirun_banners.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <regex>

namespace ttx::launch {

namespace {

constexpr std::size_t kShortestFrame = 60;

// As Open MPI 4 writes them.
constexpr std::array<std::string_view, 4> kFirstLines = {
    "Primary job  terminated normally, but",
    "mpirun detected that one or more processes exited with non-zero", "mpirun noticed that process rank ",
    "MPI_ABORT was invoked on rank "};
constexpr std::array<std::string_view, 10> kFurtherLines = {
    "a non-zero exit code.",
    "the job to be terminated. The first process to do so was:",
    "  Process name: ",
    "  Exit code: ",
    "with errorcode ",
    "NOTE: invoking MPI_ABORT causes Open MPI to kill",
    "You may or may not see output from other processes",
    "exactly when Open MPI kills them.",
    "on signal ",
    "signal "};

bool is_frame(std::string_view text) {
  return text.size() >= kShortestFrame && text.find_first_not_of('-') == std::string_view::npos;
}

template <std::size_t N>
bool starts_with_one(std::string_view text, const std::array<std::string_view, N>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

std::optional<MpirunBanners::Killed> killed_in(const std::string& note) {
  static const std::regex kKilledNote(
      R"(mpirun noticed that process rank (\d{1,9}) with PID \d+ on node (\S+) exited on\s+signal (\d{1,3}))");
  std::smatch match;
  if (!std::regex_search(note, match, kKilledNote)) {
    return std::nullopt;
  }
  return MpirunBanners::Killed{std::stoi(match[1]), match[2], std::stoi(match[3])};
}

}  // namespace

void MpirunBanners::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(piece.size());
    const bool ends = piece.back() == '\n';
    if (passing_) {
      pass_(piece);
      passing_ = !ends;
      continue;
    }
    partial_ += piece;
    if (ends) {
      const std::string text = partial_.substr(0, partial_.size() - 1);
      partial_.clear();
      line(text);
    } else if (state_ == State::kOutside && partial_.find_first_not_of('-') != std::string::npos) {
      pass_(partial_);  // no frame: need not wait for its end
      partial_.clear();
      passing_ = true;
    }
  }
}

void MpirunBanners::line(const std::string& text) {
  if (state_ == State::kInside) {
    inside(text);
    return;
  }
  if (state_ == State::kFrame) {
    if (starts_with_one(text, kFirstLines)) {
      state_ = State::kInside;
      note_ = text;
      return;
    }
    seen_.other_notes = true;
    pass_(frame_ + "\n");
  }
  // A frame may close another note just as well as open one of ours: the next line tells.
  if (is_frame(text)) {
    state_ = State::kFrame;
    frame_ = text;
    return;
  }
  state_ = State::kOutside;
  pass_(text + "\n");
}

void MpirunBanners::inside(const std::string& text) {
  if (is_frame(text)) {
    close();
  } else if (text.empty() || starts_with_one(text, kFurtherLines)) {
    note_ += " " + text;
  } else {
    pass_(text + "\n");  // a rank's word in between
  }
}

void MpirunBanners::close() {
  state_ = State::kOutside;
  seen_.ranks_ran = true;
  if (!seen_.killed) {
    seen_.killed = killed_in(note_);
  }
}

void MpirunBanners::finish() {
  if (state_ == State::kInside) {
    close();
  } else if (state_ == State::kFrame) {
    pass_(frame_ + "\n");
    state_ = State::kOutside;
  }
  pass_(partial_);
  partial_.clear();
}

}  // namespace ttx::launch
