// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "bench/model_report.hpp"
#include "bench/statistics.hpp"
#include "runtime/atomic_file.hpp"

namespace ttx::bench {

namespace {

constexpr int kLeft = 150;   // of the bars
constexpr int kWidth = 500;  // of a share of one
constexpr int kRow = 30;
constexpr int kTop = 76;

/// Text as XML takes it.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

double x_of(double share) { return kLeft + kWidth * share; }

std::string bar(const Measured& m, int y) {
  const bool is_prefill = m.kind == Measured::Kind::kPrefill;
  const Quartiles share = quartiles(m.shares());
  const double seconds = quartiles(m.seconds).median;
  std::string text = fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{} {}</text>\n", kLeft - 10,
                                 y + 15, is_prefill ? "prefill" : "decode at", m.at);
  text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"20\" fill=\"{}\"/>\n", kLeft, y,
                      kWidth * share.median, is_prefill ? "#4c78a8" : "#59a14f");
  text += fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{}\" x2=\"{:.1f}\" y2=\"{}\" stroke=\"#222\" stroke-width=\"2\"/>\n",
      x_of(share.low), y + 10, x_of(share.high), y + 10);
  text += fmt::format("<text x=\"{}\" y=\"{}\">{:.0f} %, {:.1f} tokens/s</text>\n", kLeft + kWidth + 40,
                      y + 15, 100.0 * share.median, m.tokens() / seconds);
  return text;
}

}  // namespace

void write_plot(const std::filesystem::path& file, const ModelReport& report) {
  const int bottom = kTop + kRow * static_cast<int>(report.measured.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
      "font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      kLeft + kWidth + 240, bottom + 50);
  svg += fmt::format("<text x=\"20\" y=\"26\" font-size=\"17\">{}: share of the machine's limit</text>\n",
                     escaped(report.model));
  svg += fmt::format("<text x=\"20\" y=\"48\" fill=\"#555\">{}; {} x {} threads, {}, {}</text>\n",
                     escaped(report.machine), report.ranks, report.threads, report.ccl, report.isa);
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double x = x_of(0.1 * tenth);
    svg += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#ccc\"/>\n", x,
                       kTop - 8, bottom);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{} %</text>\n", x,
                       bottom + 18, 10 * tenth);
  }
  int y = kTop;
  for (const Measured& m : report.measured) {
    svg += bar(m, y);
    y += kRow;
  }
  svg += fmt::format(
      "<text x=\"20\" y=\"{}\" fill=\"#555\">Bars: medians of {} rounds; lines: their quartiles. "
      "Limit: what reading memory, or arithmetic, takes at least.</text>\n</svg>\n",
      bottom + 40, report.rounds);
  write_file(file, svg);
}

}  // namespace ttx::bench
