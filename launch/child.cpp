// SPDX-License-Identifier: Apache-2.0
#include "launch/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "launch/interruption.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void take(int fd) { fd_ = fd; }
  void close() {
    if (fd_ >= 0) {
      ::close(fd_);
      fd_ = -1;
    }
  }

 private:
  int fd_;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    TTX_CHECK(::pipe2(fds.data(), O_CLOEXEC) == 0, "launch", "no pipe: {}",
              std::generic_category().message(errno));
    read.take(fds[0]);
    write.take(fds[1]);
  }
  Descriptor read;
  Descriptor write;
};

/// The signals that run_child waits for do not interrupt meanwhile; a reader that leaves early is no reason
/// to die.
class HeldSignals {
 public:
  HeldSignals() {
    ::sigemptyset(&held_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
      ::sigaddset(&held_, signal);
    }
    ::sigprocmask(SIG_BLOCK, &held_, &before_);
    broken_pipe_ = ::signal(SIGPIPE, SIG_IGN);
  }
  ~HeldSignals() { restore(); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  void restore() const {
    ::signal(SIGPIPE, broken_pipe_);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  const sigset_t& set() const { return held_; }

 private:
  sigset_t held_{};
  sigset_t before_{};
  void (*broken_pipe_)(int) = SIG_DFL;
};

/// In the child: only calls that are safe after a fork.
[[noreturn]] void become(char* const* argv, ChildGroup group, const HeldSignals& signals, pid_t parent,
                         int error_stream, int output_stream, int failure) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) {
    ::_exit(1);
  }
  if (group == ChildGroup::kOwn) {
    ::setpgid(0, 0);
  }
  if (error_stream >= 0) {
    ::dup2(error_stream, STDERR_FILENO);
  }
  if (output_stream >= 0) {
    ::dup2(output_stream, STDOUT_FILENO);
  }
  signals.restore();
  ::execvp(argv[0], argv);
  const int reason = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &reason, sizeof reason);
  ::_exit(127);
}

/// Everything that is there; false at the end of the stream.
bool drain(int fd, const OnBytes& on_bytes) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0) {
      on_bytes({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      return false;
    } else if (errno == EAGAIN) {
      return true;
    }
  }
}

/// Passes on what has come; true when the child has ended, `status` then being waitpid's.
bool handle_signals(int fd, pid_t child, ChildEnd& end, int& status) {
  signalfd_siginfo info{};
  while (::read(fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      if (::waitpid(child, &status, WNOHANG) == child) {
        return true;
      }
      continue;
    }
    end.passed_on = end.passed_on == 0 ? signal : end.passed_on;
    ::kill(child, signal);
  }
  return false;
}

}  // namespace

ChildEnd run_child(const std::vector<std::string>& words, ChildGroup group, const OnBytes& on_stderr,
                   const OnBytes& on_stdout) {
  const HeldSignals signals;
  Interruption::check();  // a signal that came up to here would have no child to go to
  const Descriptor arrivals(::signalfd(-1, &signals.set(), SFD_CLOEXEC | SFD_NONBLOCK));
  TTX_CHECK(arrivals.get() >= 0, "launch", "no signalfd: {}", std::generic_category().message(errno));
  Pipe errors;
  Pipe output;
  Pipe failure;
  ::fcntl(errors.read.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);

  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  TTX_CHECK(child >= 0, "launch", "no process for {}: {}", words.front(),
            std::generic_category().message(errno));
  if (child == 0) {
    become(argv.data(), group, signals, parent, on_stderr ? errors.write.get() : -1,
           on_stdout ? output.write.get() : -1, failure.write.get());
  }
  errors.write.close();
  output.write.close();
  failure.write.close();

  ChildEnd end;
  int status = 0;
  const std::array<const OnBytes*, 3> readers{nullptr, &on_stderr, &on_stdout};
  std::array<pollfd, 3> watched{{{arrivals.get(), POLLIN, 0},
                                 {on_stderr ? errors.read.get() : -1, POLLIN, 0},
                                 {on_stdout ? output.read.get() : -1, POLLIN, 0}}};
  const auto read_streams = [&](bool all) {
    for (std::size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].fd >= 0 && (all || watched[i].revents != 0) && !drain(watched[i].fd, *readers[i])) {
        watched[i].fd = -1;
      }
    }
  };
  while (!handle_signals(arrivals.get(), child, end, status)) {
    read_streams(false);
    ::poll(watched.data(), watched.size(), -1);
  }
  read_streams(true);
  int reason = 0;
  TTX_CHECK(::read(failure.read.get(), &reason, sizeof reason) != static_cast<ssize_t>(sizeof reason),
            "launch", "{} cannot be started: {}", words.front(), std::generic_category().message(reason));
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return end;
}

}  // namespace ttx::launch
