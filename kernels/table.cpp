// SPDX-License-Identifier: Apache-2.0
#include "kernels/table.hpp"

#include <atomic>

#include "kernels/isa.hpp"

namespace ttx::kernels {
namespace {

const Table& best_supported() {
  return table(isa_supported(Isa::kAvx512Bf16) ? Isa::kAvx512Bf16 : Isa::kGeneric);
}

std::atomic<const Table*> selected{nullptr};

}  // namespace

std::string_view isa_name(Isa isa) {
  switch (isa) {
    case Isa::kGeneric:
      return "generic";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "unknown";
}

std::optional<Isa> isa_from_name(std::string_view name) {
  for (const Isa isa : {Isa::kGeneric, Isa::kAvx512Bf16}) {
    if (name == isa_name(isa)) {
      return isa;
    }
  }
  return std::nullopt;
}

bool isa_supported(Isa isa) {
  switch (isa) {
    case Isa::kGeneric:
      return true;
    case Isa::kAvx512Bf16:
      // Each of these also asks the operating system whether it saves the registers.
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("fma");
  }
  return false;
}

const Table& table(Isa isa) { return isa == Isa::kAvx512Bf16 ? avx512_bf16_table() : generic_table(); }

const Table& active() {
  const Table* chosen = selected.load(std::memory_order_relaxed);
  return chosen != nullptr ? *chosen : best_supported();
}

void select(Isa isa) { selected.store(&table(isa), std::memory_order_relaxed); }

}  // namespace ttx::kernels
