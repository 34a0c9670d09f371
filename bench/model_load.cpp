// SPDX-License-Identifier: Apache-2.0
#include "bench/model_load.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/page_cache.hpp"
#include "bench/rank_clock.hpp"
#include "ccl/agreement.hpp"
#include "launch/eval_model.hpp"
#include "models/hf/hub_cache.hpp"

namespace ttx::bench {

namespace {

/// Seconds since the start of that rank's program which has run longest. Collective.
double since_start(const MeshDevice& mesh) {
  constexpr double kMicro = 1e6;
  return static_cast<double>(
             mesh.line().sleeping_max(static_cast<std::int64_t>(process_seconds() * kMicro))) /
         kMicro;
}

struct Load {
  double seconds;
  double ready;  ///< since_start, when the model could be used
};

Load timed_load(const LoadedModule& module, const BenchOptions& options, MeshDevice& mesh,
                ModelOnMesh& loaded) {
  std::optional<PackedWeights> packed;
  const double seconds = seconds_on_all(mesh.line(), [&] {
    ccl::everywhere(mesh.line(), [&] {
      loaded.checkpoint = hf::Checkpoint::open(hf::resolve_model(options.model, options.cache_dir));
    });
    if (!options.no_cache) {
      packed = launch::keep_packed(module, *loaded.checkpoint, mesh, options.limits());
      loaded.packed = packed->file();
    }
    loaded.model = launch::build_model(module, *loaded.checkpoint, mesh, options.limits(), loaded.packed,
                                       [](std::string_view) {});
  });
  const double ready = since_start(mesh);
  packed.reset();  // a file that was made is written to its end before anything else is timed
  return {seconds, ready};
}

/// Gives the share of the files that stays in memory.
double forget(const MeshDevice& mesh, ModelOnMesh& loaded) {
  std::vector<std::filesystem::path> files = weight_files(loaded.checkpoint->folder());
  if (loaded.packed) {
    files.push_back(loaded.packed->path());
  }
  loaded = {};
  mesh.line().sleeping_max(0);
  double kept = 0;
  ccl::on_root(mesh.line(), [&] {
    drop_pages(files);
    kept = resident_share(files);
  });
  return kept;
}

}  // namespace

LoadTimes load_rounds(const LoadedModule& module, const BenchOptions& options, MeshDevice& mesh,
                      ModelOnMesh& loaded) {
  LoadTimes times;
  const Load first = timed_load(module, options, mesh, loaded);
  times.first = first.seconds;
  times.ready = first.ready;
  for (int round = 0; round < options.load_rounds; ++round) {
    times.kept.push_back(forget(mesh, loaded));
    times.cold.push_back(timed_load(module, options, mesh, loaded).seconds);
    loaded = {};
    times.warm.push_back(timed_load(module, options, mesh, loaded).seconds);
  }
  return times;
}

}  // namespace ttx::bench
