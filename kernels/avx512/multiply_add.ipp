// SPDX-License-Identifier: Apache-2.0

TTX_INLINE Vector multiply_add(Vector sum, Factor a, Factor b) { return _mm512_fmadd_ps(a, b, sum); }
