// SPDX-License-Identifier: Apache-2.0
#include "bench/model_report.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "bench/statistics.hpp"

namespace ttx::bench {

namespace {

std::vector<double> per_round(const Measured& measured,
                              const std::function<double(const HostLimits&)>& least_seconds) {
  std::vector<double> shares;
  for (std::size_t round = 0; round < measured.seconds.size(); ++round) {
    shares.push_back(least_seconds(measured.limits[round]) / measured.seconds[round]);
  }
  return shares;
}

std::string range_text(const std::vector<double>& values, int digits) {
  const Quartiles q = quartiles(values);
  return fmt::format("{:.{}f} ({:.{}f}-{:.{}f})", q.median, digits, q.low, digits, q.high, digits);
}

std::string load_text(const LoadTimes& load) {
  std::string text =
      fmt::format("load: {:.2f} s, ready {:.2f} s after the start of the program\n", load.first, load.ready);
  if (!load.cold.empty()) {
    text += fmt::format("      {} s with its files out of memory", range_text(load.cold, 2));
    const double kept = *std::max_element(load.kept.begin(), load.kept.end());
    text += kept > 0.005 ? fmt::format(" (but for {:.0f} %)", 100.0 * kept) : "";
    text += fmt::format(", {} s with them in the page cache\n", range_text(load.warm, 2));
  }
  return text;
}

std::string row_text(const Measured& m, bool has_local) {
  std::vector<double> rates;
  for (const double seconds : m.seconds) {
    rates.push_back(m.tokens() / seconds);
  }
  const Quartiles rate = quartiles(rates);
  const Quartiles share = quartiles(m.shares());
  const double seconds = quartiles(m.seconds).median;
  std::string text = fmt::format(
      "{:<7} {:>6} {:>10.1f} {:>8.1f} {:>8.1f} {:>10.3f} {:>7.1f} {:>8.1f}   {:>6.3f} {:>6.3f} {:>6.3f}",
      m.kind == Measured::Kind::kPrefill ? "prefill" : "decode", m.at, rate.median, rate.low, rate.high,
      1e3 * seconds / m.tokens(), m.bytes / seconds * 1e-9, m.flops / seconds * 1e-9, share.low, share.median,
      share.high);
  if (has_local) {
    const double added = seconds - quartiles(m.local).median;
    text += fmt::format(" {:>9.2f} {:>6.3f}", 1e3 * added, added / seconds);
  }
  return text + "\n";
}

std::string memory_text(const ModelReport& report) {
  std::string text = "memory, GB:";
  double sum = 0;
  for (const launch::DeviceMemory& device : report.memory) {
    text += fmt::format(" {:.3f}", static_cast<double>(device.resident) * 1e-9);
    sum += static_cast<double>(device.resident);
  }
  const double held = report.weight_bytes + report.cache_bytes;
  text += fmt::format(
      "\n  together {:.3f}: weights {:.3f} and touched KV {:.3f}, and {:.0f} MB more per rank\n", sum * 1e-9,
      report.weight_bytes * 1e-9, report.cache_bytes * 1e-9, (sum - held) / report.ranks * 1e-6);
  return text;
}

}  // namespace

std::vector<double> Measured::read_shares() const {
  return per_round(*this, [this](const HostLimits& host) { return bytes / host.read * 1e-9; });
}

std::vector<double> Measured::peak_shares() const {
  return per_round(*this, [this](const HostLimits& host) { return flops / host.peak * 1e-9; });
}

std::vector<double> Measured::shares() const {
  return per_round(*this, [this](const HostLimits& host) {
    return std::max(bytes / host.read, flops / host.peak) * 1e-9;
  });
}

std::optional<LongerCache> longer_cache(const std::vector<Measured>& measured) {
  const Measured* first = nullptr;
  const Measured* last = nullptr;
  for (const Measured& m : measured) {
    if (m.kind == Measured::Kind::kDecode) {
      first = first == nullptr || m.at < first->at ? &m : first;
      last = last == nullptr || m.at > last->at ? &m : last;
    }
  }
  if (first == nullptr || last->bytes <= first->bytes) {
    return std::nullopt;
  }
  LongerCache longer{first->at, last->at, {}, {}, {}};
  for (std::size_t round = 0; round < last->seconds.size(); ++round) {
    longer.seconds.push_back(last->seconds[round] - first->seconds[round]);
    longer.read.push_back((first->limits[round].read_small + last->limits[round].read_small) / 2.0);
    longer.ratio.push_back(longer.seconds.back() /
                           ((last->bytes - first->bytes) / longer.read.back() * 1e-9));
  }
  return longer;
}

std::string table_text(const ModelReport& report) {
  std::string text = fmt::format(
      "{} as {}\n{}\n{} rank{} of {} thread{}, --ccl {}, {}; a token passes {:.3f} GB of {}\n", report.model,
      report.bring_up, report.machine, report.ranks, report.ranks > 1 ? "s" : "", report.threads,
      report.threads > 1 ? "s" : "", report.ccl, report.isa, report.weight_bytes * 1e-9, report.weight_types);
  text += load_text(report.load);
  std::vector<double> read;
  std::vector<double> peak;
  bool has_local = false;
  for (const Measured& m : report.measured) {
    for (const HostLimits& limits : m.limits) {
      read.push_back(limits.read);
      peak.push_back(limits.peak);
    }
    has_local = has_local || !m.local.empty();
  }
  if (!read.empty()) {
    text += fmt::format("{} rounds; probes on {} thread{}: reads {} GB/s, {} GFLOP/s ({})\n\n", report.rounds,
                        report.probe_threads, report.probe_threads > 1 ? "s" : "", range_text(read, 1),
                        range_text(peak, 0), report.peak_name);
    text += fmt::format("{:<14} {:>10} {:>8} {:>8} {:>10} {:>7} {:>8}   {:>6} {:>6} {:>6}{}\n", "",
                        "tokens/s", "low q.", "high q.", "ms/token", "GB/s", "GFLOP/s", "low q.", "share",
                        "high q.", has_local ? "   ccl, ms  share" : "");
    for (const Measured& m : report.measured) {
      text += row_text(m, has_local);
    }
    if (const auto longer = longer_cache(report.measured)) {
      text += fmt::format(
          "decode at {} takes {:.2f} ms more than at {}: {} times what reading its keys and values takes, at "
          "{} "
          "GB/s from small pages\n",
          longer->to, 1e3 * quartiles(longer->seconds).median, longer->from, range_text(longer->ratio, 2),
          range_text(longer->read, 1));
    }
    text += "\n";
  }
  return text + memory_text(report);
}

}  // namespace ttx::bench
