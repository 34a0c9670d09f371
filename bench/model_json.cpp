// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <nlohmann/json.hpp>

#include "bench/model_report.hpp"
#include "bench/statistics.hpp"
#include "runtime/atomic_file.hpp"

namespace ttx::bench {

namespace {

using Json = nlohmann::ordered_json;

Json spread(const std::vector<double>& values) {
  if (values.empty()) {
    return nullptr;
  }
  const Quartiles q = quartiles(values);
  return {{"low", q.low}, {"median", q.median}, {"high", q.high}};
}

std::vector<double> scaled(const std::vector<double>& values, const std::function<double(double)>& by) {
  std::vector<double> result;
  for (const double value : values) {
    result.push_back(by(value));
  }
  return result;
}

Json measured_json(const Measured& m) {
  std::vector<double> read;
  std::vector<double> peak;
  for (const HostLimits& limits : m.limits) {
    read.push_back(limits.read);
    peak.push_back(limits.peak);
  }
  Json json = {
      {m.kind == Measured::Kind::kPrefill ? "tokens" : "position", m.at},
      {"seconds", m.seconds},
      {"tokens_per_s", spread(scaled(m.seconds, [&](double s) { return m.tokens() / s; }))},
      {"ms_per_token", spread(scaled(m.seconds, [&](double s) { return 1e3 * s / m.tokens(); }))},
      {"bytes", m.bytes},
      {"flops", m.flops},
      {"gb_per_s", spread(scaled(m.seconds, [&](double s) { return m.bytes / s * 1e-9; }))},
      {"gflop_per_s", spread(scaled(m.seconds, [&](double s) { return m.flops / s * 1e-9; }))},
      {"probe_gb_per_s", spread(read)},
      {"probe_gflop_per_s", spread(peak)},
      {"read_share", spread(m.read_shares())},
      {"peak_share", spread(m.peak_shares())},
      {"share", spread(m.shares())},
  };
  if (m.local.empty()) {
    json["collectives"] = nullptr;
  } else {
    const double whole = quartiles(m.seconds).median;
    const double added = whole - quartiles(m.local).median;
    json["collectives"] = {{"local_seconds", m.local}, {"seconds", added}, {"share", added / whole}};
  }
  return json;
}

Json longer_json(const std::vector<Measured>& measured) {
  const auto longer = longer_cache(measured);
  if (!longer) {
    return nullptr;
  }
  return {{"from", longer->from},
          {"to", longer->to},
          {"seconds", spread(longer->seconds)},
          {"probe_gb_per_s", spread(longer->read)},
          {"ratio", spread(longer->ratio)}};
}

Json memory_json(const ModelReport& report) {
  Json ranks = Json::array();
  std::int64_t resident = 0;
  for (const launch::DeviceMemory& device : report.memory) {
    resident += device.resident;
    ranks.push_back({{"resident", device.resident},
                     {"peak", device.peak},
                     {"weights", device.weights},
                     {"kv_cache", device.kv_cache},
                     {"activations", device.activations}});
  }
  return {{"resident", resident}, {"touched_kv", report.cache_bytes}, {"ranks", ranks}};
}

}  // namespace

void write_json(const std::filesystem::path& file, const ModelReport& report) {
  Json prefill = Json::array();
  Json decode = Json::array();
  for (const Measured& m : report.measured) {
    (m.kind == Measured::Kind::kPrefill ? prefill : decode).push_back(measured_json(m));
  }
  const Json json = {
      {"model", report.model},
      {"bring_up", report.bring_up},
      {"machine", report.machine},
      {"ranks", report.ranks},
      {"threads", report.threads},
      {"probe_threads", report.probe_threads},
      {"ccl", report.ccl},
      {"isa", report.isa},
      {"peak", report.peak_name},
      {"rounds", report.rounds},
      {"steps", report.steps},
      {"weights", {{"bytes", report.weight_bytes}, {"types", report.weight_types}}},
      {"load",
       {{"ready", report.load.ready},
        {"first", report.load.first},
        {"cold", report.load.cold},
        {"kept", report.load.kept},
        {"warm", report.load.warm}}},
      {"prefill", prefill},
      {"decode", decode},
      {"longer_cache", longer_json(report.measured)},
      {"memory", memory_json(report)},
  };
  write_file(file, json.dump(2) + "\n");
}

}  // namespace ttx::bench
