// SPDX-License-Identifier: Apache-2.0
#include "kernels/table.hpp"

#include <atomic>

#include "kernels/isa.hpp"

namespace ttx::kernels {
namespace {

const Table& best_supported() {
  Isa best = Isa::kGeneric;
  for (const Isa isa : kEveryIsa) {
    best = isa_supported(isa) ? isa : best;
  }
  return table(best);
}

std::atomic<const Table*> selected{nullptr};

}  // namespace

std::string_view isa_name(Isa isa) {
  switch (isa) {
    case Isa::kGeneric:
      return "generic";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "unknown";
}

std::optional<Isa> isa_from_name(std::string_view name) {
  for (const Isa isa : kEveryIsa) {
    if (name == isa_name(isa)) {
      return isa;
    }
  }
  return std::nullopt;
}

bool isa_supported(Isa isa) {
  // Each of these also asks the operating system whether it saves the registers.
  switch (isa) {
    case Isa::kGeneric:
      return true;
    case Isa::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::kAvx512:
      return isa_supported(Isa::kAvx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case Isa::kAvx512Bf16:
      return isa_supported(Isa::kAvx512) && __builtin_cpu_supports("avx512bf16") &&
             __builtin_cpu_supports("avx512vbmi");
  }
  return false;
}

const Table& table(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return avx2_table();
    case Isa::kAvx512:
      return avx512_table();
    case Isa::kAvx512Bf16:
      return avx512_bf16_table();
    case Isa::kGeneric:
      break;
  }
  return generic_table();
}

const Table& active() {
  const Table* chosen = selected.load(std::memory_order_relaxed);
  return chosen != nullptr ? *chosen : best_supported();
}

void select(Isa isa) { selected.store(&table(isa), std::memory_order_relaxed); }

}  // namespace ttx::kernels
