// SPDX-License-Identifier: Apache-2.0
#include "ccl/start_variables.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace ttx::ccl {
namespace {

constexpr const char* kWorldSize = "OMPI_COMM_WORLD_SIZE";
constexpr const char* kLocalSize = "OMPI_COMM_WORLD_LOCAL_SIZE";

// mpirun sets the first, other launchers (srun, prterun, a PMI server) one of the others.
constexpr std::array kLauncherSigns = {kWorldSize, "PMIX_RANK", "PMIX_NAMESPACE",
                                       "PMI_RANK", "PMI_SIZE",  "PMI_FD"};

constexpr std::array kTransportChoices = {"OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mtl"};

}  // namespace

std::vector<Variable> start_variables(const std::function<const char*(const char*)>& lookup) {
  const auto is_set = [&](const char* name) { return lookup(name) != nullptr; };
  std::vector<Variable> result;
  const auto suggest = [&](const char* name, const char* value) {
    if (!is_set(name)) {
      result.push_back({name, value});
    }
  };

  suggest("OMPI_MCA_mpi_yield_when_idle", "1");
  const bool transport_is_free = std::none_of(kTransportChoices.begin(), kTransportChoices.end(), is_set);
  if (std::none_of(kLauncherSigns.begin(), kLauncherSigns.end(), is_set)) {
    suggest("OMPI_MCA_ess_singleton_isolated", "1");
    suggest("OMPI_MCA_orte_create_session_dirs", "0");
    if (transport_is_free) {
      suggest("OMPI_MCA_pml", "ob1");
      suggest("OMPI_MCA_btl", "self");
    }
    return result;
  }

  const bool one_host = is_set(kWorldSize) && is_set(kLocalSize) &&
                        std::string_view(lookup(kWorldSize)) == std::string_view(lookup(kLocalSize));
  if (one_host && transport_is_free) {
    suggest("OMPI_MCA_pml", "ob1");
  }
  if (!may_read_other_processes()) {
    suggest("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
  }
  return result;
}

bool may_read_other_processes() {
  // A sandbox that forbids the call forbids it for the caller's own memory too.
  char from = 1;
  char to = 0;
  const iovec remote{&from, 1};
  const iovec local{&to, 1};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

ScopedVariables::ScopedVariables(std::vector<Variable> variables) : variables_(std::move(variables)) {
  for (const Variable& variable : variables_) {
    setenv(variable.name.c_str(), variable.value.c_str(), 0);
  }
}

ScopedVariables::~ScopedVariables() {
  for (const Variable& variable : variables_) {
    unsetenv(variable.name.c_str());
  }
}

}  // namespace ttx::ccl
