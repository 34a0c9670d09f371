// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "launch/chosen_system.hpp"
#include "launch/cpu_use.hpp"
#include "launch/memory_use.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// Wall time of each phase, in seconds.
struct EvalSeconds {
  double reference = 0;
  double load = 0;
  double prefill = 0;
  double decode = 0;
  double total = 0;
};

/// Everything ttx-eval found out, on device 0.
struct EvalReport {
  std::vector<std::int32_t> prompt_ids;
  std::vector<std::int32_t> target_ids;
  /// Of the reference at each target: top-1 less top-2 logit, top-1 logit, entropy (nat). Empty when not
  /// known.
  std::vector<float> margins, top_logits, entropies;
  TeacherForcingResult result;
  bool prefill_decode = false;
  EvalSeconds seconds;
  MeshShape mesh;
  ChosenSystem system;  ///< that the mesh is part of
  int threads = 1;
  std::string ccl;  ///< transport: "mpi" or "shm"
  std::string isa;
  std::string numerics;  ///< "exact" or "device"
  std::vector<DeviceMemory> memory;
  std::vector<CpuUse> cpu;
};

/// "93.00% (0.9300)"
std::string percent(std::int64_t hits, std::int64_t total);

/// Keys: tokens, hits, top1, top5, total, prompt_tokens, prefill_decode, logits_sha256, logits_pcc, seconds,
/// cpu_seconds, ranks, mesh, devices, system, ccl, isa, numerics, threads, memory, reference. `logits_pcc` is
/// null unless the reference is a file with logits. `cpu_seconds` has a number per rank for each of its keys.
/// `hits` has per scored token the place of the target among the five largest logits, 1 to 5, or 0. Written
/// whole or not at all.
void write_json(const std::filesystem::path& file, const EvalReport& report);

/// safetensors: prompt_ids I64 [P], target_ids I64 [N], logits F32 [N, V]. Written whole or not at all.
void write_logits(const std::filesystem::path& file, const EvalReport& report);

}  // namespace ttx::launch
