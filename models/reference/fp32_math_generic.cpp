// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstring>

#define TTX_REFERENCE_ISA generic
#include "models/reference/text/all.ipp"
