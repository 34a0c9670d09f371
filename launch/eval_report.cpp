// SPDX-License-Identifier: Apache-2.0
#include "launch/eval_report.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "runtime/atomic_file.hpp"
#include "runtime/safetensors_writer.hpp"

namespace ttx::launch {

namespace {

double share(std::int64_t hits, std::int64_t total) {
  return total > 0 ? static_cast<double>(hits) / static_cast<double>(total) : 0.0;
}

nlohmann::ordered_json parts_json(const ProcessMemory& parts) {
  return {{"weights", parts.weights},         {"kv_cache", parts.kv_cache},
          {"activations", parts.activations}, {"tables", parts.tables},
          {"checkpoint", parts.checkpoint},   {"window", parts.window},
          {"libraries", parts.libraries},     {"heap", parts.heap}};
}

nlohmann::ordered_json memory_json(const std::vector<DeviceMemory>& memory) {
  nlohmann::ordered_json devices = nlohmann::ordered_json::array();
  std::int64_t resident = 0;
  std::int64_t peak = 0;
  for (const DeviceMemory& device : memory) {
    resident += device.resident;
    peak += device.peak;
    devices.push_back({{"resident", device.resident},
                       {"peak", device.peak},
                       {"weights", device.weights},
                       {"kv_cache", device.kv_cache},
                       {"activations", device.activations},
                       {"parts", parts_json(device.process)}});
  }
  return {{"resident", resident}, {"peak", peak}, {"devices", devices}};
}

nlohmann::ordered_json cpu_json(const std::vector<CpuUse>& ranks) {
  nlohmann::ordered_json json = {{"reference", nlohmann::ordered_json::array()},
                                 {"load", nlohmann::ordered_json::array()},
                                 {"total", nlohmann::ordered_json::array()}};
  for (const CpuUse& rank : ranks) {
    json["reference"].push_back(rank.reference);
    json["load"].push_back(rank.load);
    json["total"].push_back(rank.total);
  }
  return json;
}

/// Null when there is no descriptor.
nlohmann::ordered_json system_json(const ChosenSystem& chosen) {
  if (!chosen.descriptor) {
    return nullptr;
  }
  const MeshGraphDescriptor& descriptor = *chosen.descriptor;
  return {{"descriptor", descriptor.file},
          {"mesh", {descriptor.devices.rows, descriptor.devices.cols}},
          {"hosts", {descriptor.hosts.rows, descriptor.hosts.cols}},
          {"arch", descriptor.arch},
          {"links", descriptor.links},
          {"policy", descriptor.strict ? "STRICT" : "RELAXED"},
          {"fit", to_string(chosen.fit)}};
}

std::vector<std::int64_t> widened(const std::vector<std::int32_t>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

std::string percent(std::int64_t hits, std::int64_t total) {
  const double value = share(hits, total);
  return fmt::format("{:.2f}% ({:.4f})", 100.0 * value, value);
}

void write_json(const std::filesystem::path& file, const EvalReport& report) {
  const TeacherForcingResult& r = report.result;
  const nlohmann::ordered_json json = {
      {"tokens", report.target_ids},
      {"hits", r.places},
      {"top1", share(r.top1_hits, r.total)},
      {"top5", share(r.top5_hits, r.total)},
      {"total", r.total},
      {"prompt_tokens", report.prompt_ids.size()},
      {"prefill_decode", report.prefill_decode},
      {"logits_sha256", r.logits_sha256},
      {"logits_pcc", r.logits_pcc ? nlohmann::ordered_json(*r.logits_pcc) : nlohmann::ordered_json()},
      {"seconds",
       {{"reference", report.seconds.reference},
        {"load", report.seconds.load},
        {"prefill", report.seconds.prefill},
        {"decode", report.seconds.decode},
        {"total", report.seconds.total}}},
      {"cpu_seconds", cpu_json(report.cpu)},
      {"ranks", report.mesh.devices()},
      {"mesh", {report.mesh.rows, report.mesh.cols}},
      {"devices", report.system.system.device_ids},
      {"system", system_json(report.system)},
      {"ccl", report.ccl},
      {"isa", report.isa},
      {"numerics", report.numerics},
      {"threads", report.threads},
      {"memory", memory_json(report.memory)},
      {"reference",
       {{"margins", report.margins}, {"top_logits", report.top_logits}, {"entropies", report.entropies}}},
  };
  write_file(file, json.dump(2) + "\n");
}

void write_logits(const std::filesystem::path& file, const EvalReport& report) {
  const auto prompt = widened(report.prompt_ids);
  const auto targets = widened(report.target_ids);
  const HostTensor& logits = report.result.logits;
  SafetensorsWriter writer(
      file,
      {{"prompt_ids", "I64", {prompt.size()}},
       {"target_ids", "I64", {targets.size()}},
       {"logits",
        "F32",
        {static_cast<std::uint64_t>(logits.shape()[0]), static_cast<std::uint64_t>(logits.shape()[1])}}});
  writer.write("prompt_ids", std::as_bytes(std::span(prompt)));
  writer.write("target_ids", std::as_bytes(std::span(targets)));
  writer.write("logits", logits.bytes());
  writer.finish();
}

}  // namespace ttx::launch
