// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ttx {

/// How the shards of all devices make up the global tensor. A mesh of one device has placements too: a tensor
/// sharded over one device is `Sharded`, so the model text and its checks are the same on every mesh.
struct Placement {
  enum class Kind {
    kReplicated,  ///< every device holds the same values
    kSharded,     ///< consecutive pieces of `dim`, in line order
    kPartial,     ///< fp32 terms of a sum that no one has formed yet; all_reduce makes it Replicated
  };
  Kind kind = Kind::kReplicated;
  int dim = 0;  ///< of kSharded, counted from the front

  static Placement replicated() { return {}; }
  static Placement sharded(int dim) { return {Kind::kSharded, dim}; }
  static Placement partial() { return {Kind::kPartial, 0}; }

  bool is_replicated() const { return kind == Kind::kReplicated; }
  bool is_sharded(int d) const { return kind == Kind::kSharded && dim == d; }
  bool is_partial() const { return kind == Kind::kPartial; }
  /// "replicated", "sharded on dim 3", "partial"
  std::string to_string() const;

  friend bool operator==(const Placement&, const Placement&) = default;
};

}  // namespace ttx
