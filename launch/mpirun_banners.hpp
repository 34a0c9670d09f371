// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ttx::launch {

/// What mpirun says around a job that failed, taken out of its error stream: its framed notes that a process
/// returned a code, was killed, or called MPI_Abort. Each line is dropped only when it is one of those notes'
/// own; everything else passes, at once and unchanged, be it mpirun's or a rank's.
class MpirunBanners {
 public:
  struct Killed {
    int rank = -1;
    std::string host;
    int signal = 0;
  };
  struct Seen {
    std::optional<Killed> killed;
    bool ranks_ran = false;    ///< a process of the job ended by itself or by a signal
    bool other_notes = false;  ///< a framed note that passed
  };

  explicit MpirunBanners(std::function<void(std::string_view)> pass) : pass_(std::move(pass)) {}

  void feed(std::string_view bytes);
  /// At the end of the stream: what is still held back passes.
  void finish();
  const Seen& seen() const { return seen_; }

 private:
  enum class State { kOutside, kFrame, kInside };

  void line(const std::string& text);
  void inside(const std::string& text);
  void close();

  std::function<void(std::string_view)> pass_;
  State state_ = State::kOutside;
  std::string partial_;   ///< a line whose end has not come
  bool passing_ = false;  ///< the beginning of this line has passed
  std::string frame_;     ///< the line of dashes held back
  std::string note_;      ///< the dropped lines of the open note, joined with blanks
  Seen seen_;
};

}  // namespace ttx::launch
