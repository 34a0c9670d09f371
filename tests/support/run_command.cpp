// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_command.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace ttx::test {

namespace {

struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe2 failed");
    }
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t end) {
    if (ends[end] >= 0) {
      close(ends[end]);
      ends[end] = -1;
    }
  }
  std::array<int, 2> ends{};
};

[[noreturn]] void become(const Command& command, const Pipe& out, const Pipe& err) {
  setpgid(0, 0);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out.ends[1], STDOUT_FILENO);
  dup2(err.ends[1], STDERR_FILENO);
  for (const std::string& setting : command.environment) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      unsetenv(setting.c_str());
    } else {
      setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
    }
  }
  if (!command.folder.empty() && chdir(command.folder.c_str()) != 0) {
    _exit(126);
  }
  std::vector<char*> argv;
  for (const std::string& argument : command.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

/// Reads until both pipes are closed or the time is over; true when closed.
bool drain(Pipe& out, Pipe& err, CommandResult& result, std::chrono::steady_clock::time_point deadline) {
  std::array<pollfd, 2> watched{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  std::array<std::string*, 2> texts{&result.out, &result.err};
  int open_ends = 2;
  while (open_ends > 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return false;
    }
    poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) {
        continue;
      }
      std::array<char, 4096> buffer;
      const ssize_t count = read(watched[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      } else {
        watched[i].fd = -1;
        --open_ends;
      }
    }
  }
  return true;
}

}  // namespace

CommandResult run(const Command& command) {
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child == 0) {
    become(command, out, err);
  }
  if (child < 0) {
    throw std::runtime_error("fork failed");
  }
  out.close_end(1);
  err.close_end(1);
  CommandResult result;
  result.timed_out = !drain(out, err, result,
                            std::chrono::steady_clock::now() + std::chrono::seconds(command.timeout_seconds));
  if (result.timed_out) {
    kill(-child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

Command mpirun(int ranks, std::vector<std::string> arguments) {
  Command command;
  command.arguments = {TTX_MPIEXEC, "-np", std::to_string(ranks)};
  std::istringstream flags(TTX_MPIRUN_FLAGS_TEXT);
  for (std::string flag; flags >> flag;) {
    command.arguments.push_back(flag);
  }
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

std::string program(const std::string& name) { return std::string(TTX_BINARY_DIR) + "/bin/" + name; }

}  // namespace ttx::test
