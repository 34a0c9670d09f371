// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_options.hpp"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

#include "launch/eval_options.hpp"
#include "runtime/error.hpp"

namespace ttx::bench {

namespace {

constexpr std::int64_t kLeastSeqLen = 2048;  // of every bring-up

/// "128,1024" -> {128, 1024}; "none" -> {}.
std::vector<std::int64_t> parse_list(std::string_view flag, const std::string& text, std::int64_t least) {
  std::vector<std::int64_t> values;
  if (text == "none") {
    return values;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto value = launch::integer_of(text.substr(begin, end - begin));
    TTX_CHECK_AS(
        value && *value >= least && *value < launch::kMaxSeqLen, ExitCode::kUsage, "arguments",
        "{}: got \"{}\", expected numbers from {} to {} with commas between, such as 128,1024, or none", flag,
        text, least, launch::kMaxSeqLen - 1);
    values.push_back(*value);
    begin = end + 1;
  }
  return values;
}

}  // namespace

RunLimits BenchOptions::limits() const {
  std::int64_t longest = kLeastSeqLen;
  for (const std::int64_t length : prefill) {
    longest = std::max(longest, length);
  }
  for (const std::int64_t position : decode) {
    longest = std::max(longest, position + steps);
  }
  return {longest, max_cache_seq_len, DeviceLimits::kIgnored};
}

std::optional<BenchOptions> parse_bench_options(int argc, char** argv, launch::Speak speak) {
  BenchOptions o;
  std::string prefill = "32,128,512,2048";
  std::string decode = "128,1024,4096";
  std::string mesh;
  std::string transport;
  CLI::App app(
      "Speed of a whole model: load, prefill, decode, beside what the machine allows in the same rounds.\n"
      "Under `mpirun -np N` each rank plays one device of the model's mesh; all on one host.",
      "ttx-bench");
  app.add_option("model_path", o.model_path, "The bring-up: its model.cpp, its folder, or the built model.so")
      ->required();
  app.add_option("--model", o.model,
                 "Hugging Face id (looked up in the hub cache) or folder of the checkpoint")
      ->required();
  app.add_option("--cache_dir", o.cache_dir, "Hub cache folder to look in");
  const CLI::Option* prefill_given =
      app.add_option("--prefill", prefill, "Prompt lengths, with commas between, or none")
          ->capture_default_str();
  const CLI::Option* decode_given =
      app.add_option("--decode", decode,
                     "Positions of the decoded token, with commas between, or none. The caches before the "
                     "last of them are filled first")
          ->capture_default_str();
  app.add_option("--rounds", o.rounds, "Interleaved rounds; the table shows quartiles over them")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--load_rounds", o.load_rounds,
                 "Times that the model is loaded with its files out of memory, then with them in the page "
                 "cache; 0: once, as they are")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--steps", o.steps, "Decode steps of a round, timed together after one that is not")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--probe_megabytes", o.probe_megabytes,
                 "Memory that each of the two bandwidth probes reads, of large pages and of small ones; many "
                 "times the last cache")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  const CLI::Option* mesh_given =
      app.add_option("--mesh", mesh, "RxC: another mesh than the module's, such as 1x4");
  app.add_option("--max_cache_seq_len", o.max_cache_seq_len,
                 "Takes the place of the bring-up's MAX_CACHE_SEQ_LEN, the cap of its KV cache")
      ->check(CLI::Range(std::int64_t{1}, launch::kMaxSeqLen));
  const CLI::Option* transport_given =
      app.add_option("--ccl", transport, "What carries the collectives (default: TTX_CCL, else mpi)")
          ->check(CLI::IsMember({"mpi", "shm"}));
  app.add_option("--isa", o.isa,
                 "Instruction set of the kernels: generic, avx2, avx512 or avx512_bf16 (default: TTX_ISA, "
                 "else the best this processor has)");
  app.add_option(
         "--threads", o.threads,
         "Threads per rank (default: TTX_THREADS, else all cores for one rank, 1 for each of several)")
      ->envname("TTX_THREADS")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--no_cache", o.no_cache, "Keep no packed weights in TTX_CACHE, and use none");
  app.add_option("--json", o.json, "Write the results to this file");
  app.add_option("--plot", o.plot, "Write a chart of the shares to this SVG file");
  if (launch::parse(app, argc, argv, speak) == launch::Parsed::kHelpShown) {
    return std::nullopt;
  }
  o.prefill = parse_list("--prefill", prefill, 1);
  o.decode = parse_list("--decode", decode, 0);
  o.prefill_given = prefill_given->count() > 0;
  o.decode_given = decode_given->count() > 0;
  o.ccl = transport_given->count() > 0 ? *ccl::transport_from_name(transport) : ccl::default_transport();
  if (mesh_given->count() > 0) {
    o.mesh = launch::parse_mesh(mesh);
  }
  TTX_CHECK_AS(!o.json || o.json != o.plot, ExitCode::kUsage, "arguments",
               "--json and --plot name the same file: {}", o.json.value_or(""));
  return o;
}

}  // namespace ttx::bench
