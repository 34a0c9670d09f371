// SPDX-License-Identifier: Apache-2.0
//
// ttx-launch: starts a program of ttx on as many ranks as its bring-up has devices. It starts mpirun and
// waits for it; it is no MPI program itself.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "ccl/limits.hpp"
#include "ccl/start_variables.hpp"
#include "ccl/usable_cores.hpp"
#include "launch/child.hpp"
#include "launch/command_line.hpp"
#include "launch/failure.hpp"
#include "launch/find_program.hpp"
#include "launch/launch_line.hpp"
#include "launch/launch_outcome.hpp"
#include "launch/leftovers.hpp"
#include "launch/mpirun_banners.hpp"
#include "launch/program_arguments.hpp"
#include "launch/shell_words.hpp"
#include "models/reference/host_cores.hpp"
#include "runtime/cache_folder.hpp"
#include "runtime/error.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-launch";
/// Programs of ttx that are one process.
constexpr std::array kSingleProcess = {"ttx-synth", "ttx-tokenize", "ttx-reference", "ttx-run-eval",
                                       "ttx-launch"};

struct Options {
  std::optional<int> ranks;
  std::vector<std::string> mpi;
  bool dry_run = false;
  bool reset = false;
  std::vector<std::string> program;  // with its arguments
};

void declare(CLI::App& app, Options& o) {
  app.add_option("--ranks", o.ranks, "Ranks to start, instead of counting the devices of the mesh")
      ->check(CLI::Range(1, static_cast<int>(ccl::kMaxDevices)));
  app.add_option("--mpi", o.mpi,
                 "Flags for mpirun in one argument, quoted as for a shell; can be given again. "
                 "Such as --mpi '--host a:4,b:4'")
      ->allow_extra_args(false);
  app.add_flag("--dry-run,--dry_run", o.dry_run, "Print the command, to be pasted, and start nothing");
  app.add_flag("--reset", o.reset,
               "Remove what crashed runs of this user have left: Open MPI's session folders in TMPDIR, its "
               "segments in /dev/shm, ttx's own cache. What a running job uses stays");
}

/// Where the program begins: everything from there on is the program's.
int first_of_program(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") {
      return i;
    }
    if (argument.empty() || argument.front() != '-') {
      return i;
    }
    // An unambiguous beginning of a flag counts too; its value follows unless it is in the same argument.
    const bool takes_value = argument.size() >= 3 && (std::string("--ranks").starts_with(argument) ||
                                                      std::string("--mpi").starts_with(argument));
    i += takes_value ? 1 : 0;
  }
  return argc;
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app(
      "ttx-launch [OPTIONS] PROGRAM [ARGUMENTS...]   or   ttx-launch --reset\n"
      "Starts a program of ttx on one rank per device of its bring-up's mesh: under mpirun, with the flags "
      "that "
      "this machine needs, or alone where the mesh has one device.\n"
      "PROGRAM is looked for beside ttx-launch, then on PATH. The mesh is that of --mesh among ARGUMENTS, "
      "else the bring-up's. Programs that are one process (ttx-synth, ttx-tokenize, ttx-reference, "
      "ttx-run-eval) are refused.",
      kName);
  declare(app, options);
  const int first = std::min(first_of_program(argc, argv), argc);
  if (parse(app, first, argv, Speak::kYes) == Parsed::kHelpShown) {
    return std::nullopt;
  }
  const int skip = first < argc && std::string(argv[first]) == "--" ? 1 : 0;
  options.program.assign(argv + first + skip, argv + argc);
  return options;
}

LaunchTerms terms_of(const Options& options) {
  const std::string name = std::filesystem::path(options.program.front()).filename().string();
  TTX_CHECK_AS(std::find(kSingleProcess.begin(), kSingleProcess.end(), name) == kSingleProcess.end(),
               ExitCode::kUsage, "arguments", "{} is one process and needs no launcher; start it as it is",
               name);
  LaunchTerms terms;
  terms.program = options.program;
  terms.program.front() = find_program(options.program.front()).string();

  const ProgramArguments arguments =
      read_program_arguments({options.program.begin() + 1, options.program.end()});
  terms.program_threads = arguments.threads;
  terms.program_chooses_ccl = arguments.chooses_ccl;
  std::vector<std::string> words;
  for (const std::string& text : options.mpi) {
    const auto more = shell_words(text, "--mpi");
    words.insert(words.end(), more.begin(), more.end());
  }
  terms.mpi = MpirunWords(words);
  terms.ranks = count_ranks(options.ranks, arguments, name);

  terms.allowed_cores = std::max(1, ccl::usable_cores());
  terms.every_core = ccl::may_use_every_processor();
  terms.cores = std::min(terms.allowed_cores, reference::HostCores().count());
  terms.host = leftover_places().host;
  terms.root = ::geteuid() == 0;
  terms.reads_peers = ccl::may_read_other_processes();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    terms.environment[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  return terms;
}

int finish(const LaunchOutcome& outcome) {
  if (!outcome.sentence.empty()) {
    fmt::print(stderr, "{}: error: {}\n", kName, outcome.sentence);
  }
  return outcome.exit_code;
}

int start(const LaunchTerms& terms) {
  const std::vector<std::string> words = launch_line(terms);
  if (words.front() != "mpirun") {
    const std::string name = std::filesystem::path(words.front()).filename().string();
    return finish(outcome_of_program(run_child(words, ChildGroup::kSame, nullptr), name));
  }
  TTX_CHECK(find_on_path("mpirun").has_value(), "launch",
            "there is no mpirun on PATH; install Open MPI (Debian: apt-get install openmpi-bin), or add its "
            "folder to PATH");
  const std::filesystem::path place = leftover_places().temporary.back();
  TTX_CHECK(make_writable_folder(place), "launch",
            "mpirun keeps its session folders in {}, which is no folder or cannot be written; set TMPDIR to "
            "one that can",
            place.string());
  MpirunBanners banners([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); });
  const ChildEnd end =
      run_child(words, ChildGroup::kOwn, [&](std::string_view bytes) { banners.feed(bytes); });
  banners.finish();
  return finish(outcome_of_job(end, banners.seen(), pasteable(words)));
}

int reset() {
  const Leftovers leftovers = remove_leftovers(leftover_places());
  for (const auto& path : leftovers.removed) {
    fmt::print("Removed {}\n", path.string());
  }
  for (const auto& kept : leftovers.kept) {
    fmt::print("Kept {}: {}\n", kept.path.string(), kept.why);
  }
  if (leftovers.removed.empty() && leftovers.kept.empty() && leftovers.failed.empty()) {
    fmt::print("Nothing to remove\n");
  }
  for (const auto& failed : leftovers.failed) {
    fmt::print(stderr, "{}: error: [reset] cannot remove {}: {}\n", kName, failed.path.string(), failed.why);
  }
  return leftovers.failed.empty() ? 0 : 1;
}

int run(const Options& options) {
  if (options.reset) {
    TTX_CHECK_AS(options.program.empty() && !options.dry_run && !options.ranks && options.mpi.empty(),
                 ExitCode::kUsage, "arguments", "--reset stands alone: it starts no program");
    return reset();
  }
  TTX_CHECK_AS(!options.program.empty(), ExitCode::kUsage, "arguments",
               "got no program, expected one such as ttx-eval; see {} --help", kName);
  const LaunchTerms terms = terms_of(options);
  if (options.dry_run) {
    fmt::print("{}\n", pasteable(launch_line(terms)));
    return 0;
  }
  return start(terms);
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    const std::optional<Options> options = parse_options(argc, argv);
    return options ? run(*options) : 0;
  });
}
