// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// What ttx-launch reads in the arguments of the program it starts; it changes none of them. Flags are read
/// as the programs read them: `--flag value`, `--flag=value`, unambiguous prefixes.
struct ProgramArguments {
  std::optional<MeshShape> mesh;        ///< --mesh
  std::optional<int> threads;           ///< --threads; 0 when its value is no number
  bool chooses_ccl = false;             ///< --ccl
  bool asks_only = false;               ///< --help or --version: no ranks are needed
  std::optional<std::string> bring_up;  ///< a model.cpp, its folder or a model.so
};

/// Throws Error(kUsage) on a --mesh that is none. The bring-up is the first argument that looks like one,
/// else the first argument of all when it is no flag.
ProgramArguments read_program_arguments(const std::vector<std::string>& arguments);

/// How many ranks: `ranks` when given, else the devices of --mesh, else those of the bring-up's module.
/// Throws Error(kUsage) when nothing says, and what LoadedModule throws.
int count_ranks(std::optional<int> ranks, const ProgramArguments& arguments, const std::string& program);

}  // namespace ttx::launch
