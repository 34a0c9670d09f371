// SPDX-License-Identifier: Apache-2.0
#include "launch/launch_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "runtime/shell_quoted.hpp"

namespace ttx::launch {

namespace {

constexpr std::array<std::string_view, 3> kExportedPrefixes = {"TTX_", "TT_", "HF_"};
constexpr std::array<std::string_view, 7> kExported = {"TRANSFORMERS_CACHE",
                                                       "PYTORCH_TRANSFORMERS_CACHE",
                                                       "PYTORCH_PRETRAINED_BERT_CACHE",
                                                       "HUGGINGFACE_HUB_CACHE",
                                                       "XDG_CACHE_HOME",
                                                       "TMPDIR",
                                                       "TRANSFORMERS_OFFLINE"};

int number(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_read_by_ttx(const std::string& name) {
  return std::find(kExported.begin(), kExported.end(), name) != kExported.end() ||
         std::any_of(kExportedPrefixes.begin(), kExportedPrefixes.end(),
                     [&](std::string_view prefix) { return name.compare(0, prefix.size(), prefix) == 0; });
}

class Line {
 public:
  explicit Line(const LaunchTerms& terms) : terms_(terms), many_(many_hosts(terms)) {}

  std::vector<std::string> words() {
    add({"mpirun", "-np", std::to_string(terms_.ranks)});
    words_.insert(words_.end(), terms_.mpi.all().begin(), terms_.mpi.all().end());
    if (terms_.root && !terms_.mpi.have({"allow-run-as-root"})) {
      add({"--allow-run-as-root"});
    }
    place();
    parameters();
    exports();
    words_.insert(words_.end(), terms_.program.begin(), terms_.program.end());
    return words_;
  }

 private:
  void add(std::initializer_list<std::string> words) { words_.insert(words_.end(), words); }

  bool is_set(const std::string& name) const { return terms_.environment.contains(name); }

  /// What ttx reads: empty is as good as not set.
  bool has_value(const std::string& name) const {
    const auto found = terms_.environment.find(name);
    return found != terms_.environment.end() && !found->second.empty();
  }

  bool parameter_is_set(const std::string& name) const {
    return terms_.mpi.set_parameter(name) || is_set("OMPI_MCA_" + name);
  }

  void parameter(const std::string& name, const std::string& value) {
    if (!parameter_is_set(name)) {
      add({"--mca", name, value});
    }
  }

  bool user_places() const {
    return terms_.mpi.have({"map-by", "rank-by", "rankfile", "rf", "bynode", "byslot", "ppr", "npernode",
                            "npersocket", "N", "cpus-per-proc", "cpus-per-rank"}) ||
           parameter_is_set("rmaps_base_mapping_policy") || parameter_is_set("rmaps_base_ranking_policy");
  }

  /// Placements that say themselves which cores a rank gets; others leave the binding open.
  bool user_binds() const {
    const auto names_cores = [](const std::string& word) {
      return word.find("PE=") != std::string::npos || word.find("pe=") != std::string::npos;
    };
    return terms_.mpi.have({"rankfile", "rf", "cpus-per-proc", "cpus-per-rank"}) ||
           std::any_of(terms_.mpi.all().begin(), terms_.mpi.all().end(), names_cores);
  }

  void place() {
    const bool oversubscribed = !many_ && terms_.ranks > terms_.cores;
    if (oversubscribed && !terms_.mpi.have({"oversubscribe", "nooversubscribe"}) &&
        !parameter_is_set("rmaps_base_oversubscribe") && !parameter_is_set("rmaps_base_no_oversubscribe")) {
      add({"--oversubscribe"});
    }
    if (many_ && !user_places()) {
      add({"--map-by", "slot", "--rank-by", "slot"});
    }
    if (user_binds() ||
        terms_.mpi.have({"bind-to", "bind-to-core", "bind-to-socket", "cpu-set", "cpu-list"}) ||
        parameter_is_set("hwloc_base_binding_policy")) {
      return;
    }
    const int threads = threads_per_rank(terms_);
    const bool may_bind = threads == 1 && terms_.every_core;
    const bool fills = may_bind && !oversubscribed && 2 * terms_.ranks > terms_.allowed_cores;
    const bool evenly = may_bind && oversubscribed && terms_.cores == terms_.allowed_cores &&
                        terms_.ranks % terms_.cores == 0;
    if (!many_ || threads != 1) {
      add({"--bind-to", fills    ? "core:if-supported"
                        : evenly ? "core:overload-allowed,if-supported"
                                 : "none"});
    }
  }

  void parameters() {
    parameter("mpi_yield_when_idle", "1");
    const bool transport_is_free =
        !parameter_is_set("pml") && !parameter_is_set("btl") && !parameter_is_set("mtl");
    if (!many_ && transport_is_free) {
      parameter("pml", "ob1");
      parameter("btl", "vader,self");
    }
    if (!terms_.reads_peers) {
      parameter("btl_vader_single_copy_mechanism", "none");
    }
    parameter("opal_signal", "");  // a rank that crashes prints no stack trace
  }

  void export_variable(const std::string& name, const std::string& value) {
    if (!has_value(name) && !terms_.mpi.export_variable(name)) {
      add({"-x", name + "=" + value});
    }
  }

  void exports() {
    if (!many_) {
      if (const int threads = threads_per_rank(terms_); threads > 1 && !terms_.program_threads) {
        export_variable("TTX_THREADS", std::to_string(threads));
      }
      if (!terms_.program_chooses_ccl && terms_.ranks > 1) {
        export_variable("TTX_CCL", "shm");
      }
      return;  // ranks of this host inherit the rest
    }
    for (const auto& variable : terms_.environment) {
      if (is_read_by_ttx(variable.first) && !terms_.mpi.export_variable(variable.first)) {
        add({"-x", variable.first});
      }
    }
  }

  const LaunchTerms& terms_;
  bool many_;
  std::vector<std::string> words_;
};

}  // namespace

bool many_hosts(const LaunchTerms& terms) {
  const auto value = [&](const std::string& name) {
    const auto found = terms.environment.find(name);
    return found == terms.environment.end() ? std::string() : found->second;
  };
  if (terms.mpi.have({"hostfile", "machinefile", "default-hostfile", "rankfile", "rf"})) {
    return true;
  }
  const auto hosts = terms.mpi.hosts();
  if (!hosts.empty()) {
    const std::array<std::string, 5> here = {"localhost", "127.0.0.1", "::1", terms.host,
                                             terms.host.substr(0, terms.host.find('.'))};
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
      return std::find(here.begin(), here.end(), host) == here.end();
    });
  }
  return !value("OMPI_MCA_orte_default_hostfile").empty() || number(value("SLURM_JOB_NUM_NODES")) > 1 ||
         !value("PBS_NODEFILE").empty() || !value("LSB_DJOB_HOSTFILE").empty() ||
         !value("PE_HOSTFILE").empty();
}

int threads_per_rank(const LaunchTerms& terms) {
  if (terms.program_threads) {
    return std::max(1, *terms.program_threads);
  }
  if (const auto found = terms.environment.find("TTX_THREADS");
      found != terms.environment.end() && !found->second.empty()) {
    return std::max(1, number(found->second));
  }
  return many_hosts(terms) ? 1 : std::max(1, terms.cores / terms.ranks);
}

std::vector<std::string> launch_line(const LaunchTerms& terms) {
  if (terms.ranks == 1 && terms.mpi.all().empty()) {
    return terms.program;
  }
  return Line(terms).words();
}

std::string pasteable(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  std::transform(words.begin(), words.end(), std::back_inserter(quoted), shell_quoted);
  return fmt::format("{}", fmt::join(quoted, " "));
}

}  // namespace ttx::launch
