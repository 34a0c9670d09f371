// SPDX-License-Identifier: Apache-2.0

// A pair is a factor as it lies.
using OperandRows = LyingRows;
template <int kRows>
using RowFeed = LyingPairs;
