// SPDX-License-Identifier: Apache-2.0
#include "launch/eval_options.hpp"

#include <charconv>
#include <limits>

#include <CLI/CLI.hpp>

#include "ccl/limits.hpp"
#include "launch/yarn_factor.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

int parse_count(const std::string& text, const std::string& whole) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  TTX_CHECK_AS(error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 64,
               ExitCode::kUsage, "arguments",
               "--mesh: got \"{}\", expected RxC with 1 to 64 rows and columns, such as 2x4", whole);
  return value;
}

}  // namespace

MeshShape parse_mesh(const std::string& text) {
  const std::size_t x = text.find('x');
  TTX_CHECK_AS(x != std::string::npos, ExitCode::kUsage, "arguments",
               "--mesh: got \"{}\", expected RxC, such as 2x4", text);
  const MeshShape mesh{parse_count(text.substr(0, x), text), parse_count(text.substr(x + 1), text)};
  TTX_CHECK_AS(mesh.devices() <= static_cast<int>(ccl::kMaxDevices), ExitCode::kUsage, "arguments",
               "--mesh: got \"{}\", {} devices, expected at most {}", text, mesh.devices(), ccl::kMaxDevices);
  return mesh;
}

void check_token_counts(const EvalOptions& o) {
  TTX_CHECK_AS(o.max_new_tokens >= 1, ExitCode::kUsage, "arguments",
               "--max_new_tokens: got {}, expected at least 1", o.max_new_tokens);
  TTX_CHECK_AS(o.max_new_tokens <= kMaxSeqLen, ExitCode::kUsage, "arguments",
               "--max_new_tokens: got {}, expected at most {}", o.max_new_tokens, kMaxSeqLen);
  TTX_CHECK_AS(!o.min_new_tokens || *o.min_new_tokens >= 0, ExitCode::kUsage, "arguments",
               "--min_new_tokens: got {}, expected at least 0", *o.min_new_tokens);
}

std::optional<EvalOptions> parse_eval_options(int argc, char** argv, Speak speak) {
  EvalOptions o;
  std::string mesh;
  std::string transport;
  CLI::App app(
      "Teacher-forced top-1 / top-5 agreement of a bring-up with the Hugging Face model in fp32.\n"
      "Under `mpirun -np N` each rank plays one device of the model's mesh.",
      "ttx-eval");
  app.add_option("model_path", o.model_path, "The bring-up: its model.cpp, its folder, or the built model.so")
      ->required();
  app.add_option("--model", o.model,
                 "Hugging Face id (looked up in the hub cache) or folder of the checkpoint")
      ->capture_default_str();
  const CLI::Option* prompt = app.add_option("--prompt", o.prompt, "Prompt text")->capture_default_str();
  app.add_option("--prompt_file", o.prompt_file,
                 "Text file whose whole content is the prompt; also found by name among the shipped prompts");
  app.add_option("--prompt_ids_file", o.prompt_ids_file, "JSON list of token ids; the tokenizer is not used");
  const CLI::Option* max_new =
      app.add_option("--max_new_tokens", o.max_new_tokens, "Reference tokens to generate and score")
          ->capture_default_str();
  app.add_option("--min_new_tokens", o.min_new_tokens,
                 "No end of sequence before that many reference tokens");
  app.add_option("--max_seq_len", o.max_seq_len, "Rotary table and cache length, at least 2048")
      ->capture_default_str();
  app.add_flag("--prefill_decode", o.prefill_decode,
               "Feed the prompt token by token through the decode path");
  app.add_option("--device_id", o.device_id,
                 "Accepted as eval.py does; a module with a mesh shape decides its devices itself")
      ->check(CLI::Range(0, std::numeric_limits<int>::max()))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "Accepted as eval.py does; the greedy path draws nothing at random")
      ->capture_default_str();
  app.add_option("--cache_dir", o.cache_dir, "Hub cache folder to look in");
  app.add_option("--reference", o.reference,
                 "Reference file (launch/make_reference.py) instead of the built-in reference");
  add_yarn_factor(app, o.yarn_factor);
  const CLI::Option* mesh_given =
      app.add_option("--mesh", mesh, "RxC: another mesh than the module's, such as 1x4");
  app.add_option("--max_cache_seq_len", o.max_cache_seq_len,
                 "Takes the place of the bring-up's MAX_CACHE_SEQ_LEN, the cap of its KV cache")
      ->check(CLI::Range(std::int64_t{1}, kMaxSeqLen));
  app.add_flag("--device_limits", o.device_limits,
               "Refuse what the hardware refuses (cores, rotary width, heads, DRAM), with the way out; "
               "default: do all "
               "that is mathematically possible");
  std::string numerics(to_string(o.numerics));
  app.add_option(
         "--numerics", numerics,
         "exact: fp32 inside every op, one rounding, the same bits on every mesh; device: what the "
         "hardware would compute, as far as its documentation tells: math fidelity, bfloat16 sums and "
         "intermediates, all_reduce hop by hop. How a matmul cuts K, the approximations of exp and silu "
         "and the order in which decode attention merges are not told: runtime/device_numerics says what "
         "stands for them")
      ->check(CLI::IsMember({"exact", "device"}))
      ->capture_default_str();
  const CLI::Option* transport_option =
      app.add_option("--ccl", transport,
                     "What carries the collectives: mpi, over any network, or shm, a window of shared memory "
                     "for ranks of one host, which is faster; default: TTX_CCL, else mpi")
          ->check(CLI::IsMember({"mpi", "shm"}));
  app.add_option("--isa", o.isa,
                 "Instruction set of the kernels: generic, avx2, avx512 or avx512_bf16, which give the same "
                 "bits; default: TTX_ISA, else the best this processor has");
  app.add_option(
         "--threads", o.threads,
         "Threads per rank (default: TTX_THREADS, else all cores for one rank, 1 for each of several)")
      ->envname("TTX_THREADS")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--no_cache", o.no_cache,
               "Use and keep nothing in TTX_CACHE: reference tokens are computed, weights of block floats "
               "are packed anew");
  app.add_flag("--memory", o.memory,
               "Print what every device has in memory at the end, by what it is for, in MB");
  app.add_option("--json", o.json, "Write the results to this file");
  app.add_option("--logits_out", o.logits_out,
                 "Write prompt_ids, target_ids, logits to this safetensors file");
  if (parse(app, argc, argv, speak) == Parsed::kHelpShown) {
    return std::nullopt;
  }
  o.prompt_given = prompt->count() > 0;
  o.max_new_tokens_given = max_new->count() > 0;
  o.ccl = transport_option->count() > 0 ? *ccl::transport_from_name(transport) : ccl::default_transport();
  o.numerics = numerics == to_string(Numerics::kDevice) ? Numerics::kDevice : Numerics::kExact;
  if (mesh_given->count() > 0) {
    o.mesh = parse_mesh(mesh);
  }
  TTX_CHECK_AS(o.max_seq_len <= kMaxSeqLen, ExitCode::kUsage, "arguments",
               "--max_seq_len: got {}, expected at most {}", o.max_seq_len, kMaxSeqLen);
  TTX_CHECK_AS(!o.json || o.json != o.logits_out, ExitCode::kUsage, "arguments",
               "--json and --logits_out name the same file: {}", o.json.value_or(""));
  check_token_counts(o);
  return o;
}

}  // namespace ttx::launch
