// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.hpp"

namespace ttx::kernels {

/// One function per instruction-set source, defined in isa_<name>.cpp. Calling it runs no instruction of that
/// set; calling what the table points to does.
const Table& generic_table();
const Table& avx2_table();
const Table& avx512_table();
const Table& avx512_bf16_table();

}  // namespace ttx::kernels
