// SPDX-License-Identifier: Apache-2.0
#include "pack/fleet_page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pack/fleet_text.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

// The page may load nothing, whatever a report has smuggled in.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="{0}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{1}</title>
)";

constexpr std::string_view kStyle = R"(<style>
:root {
  --ground: #f4f5f7; --card: #fff; --ink: #171a1f; --soft: #59616d; --line: #dde1e7;
  --bar: #3567c8; --error: #b3261e; --warning: #8a5300; --note: #35618e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13161a; --card: #1c2025; --ink: #e7e9ec; --soft: #a2aab5; --line: #343a43;
    --bar: #7ba4f7; --error: #ff8d83; --warning: #f5bd62; --note: #9cc4ee;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", sans-serif;
}
:lang(ko) { word-break: keep-all; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 0 0 .75rem; font-size: 1.125rem; }
h2::first-letter, th::first-letter, .figures span::first-letter, summary::first-letter { text-transform: uppercase; }
p { margin: .25rem 0 .75rem; }
header p, .soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin-top: 1rem; min-width: 0; }
ul { list-style: none; margin: 0; padding: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin-top: 1rem; }
.figures li { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .75rem 1rem; }
@media (max-width: 40rem) { .figures li:first-child { grid-column: 1 / -1; } }
.figures b { display: block; font-size: 2rem; line-height: 1.2; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.figures span { display: block; color: var(--soft); font-size: .875rem; }
.error b, b.error { color: var(--error); }
.warning b, b.warning { color: var(--warning); }
b.note { color: var(--note); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 0 1rem; align-items: start; }
.bars li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .25rem 0; }
.bars span:last-of-type { font-variant-numeric: tabular-nums; }
.bars i, .problems i { grid-column: 1 / -1; height: .5rem; border-radius: .25rem; background: linear-gradient(var(--bar), var(--bar)) no-repeat 0 / var(--part) 100%, var(--line); }
.problems > li { border-top: 1px solid var(--line); padding: .75rem 0; }
.problems > li:first-child { border-top: 0; padding-top: 0; }
.problems i { display: block; margin: .375rem 0; }
.problem { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; }
.problem > b:last-child { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; padding: .375rem 0; color: var(--soft); }
summary h2 { display: inline; color: var(--ink); }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
.names { columns: 12rem; column-gap: 1rem; }
code { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; font-size: .9em; }
.scroll { overflow: auto; max-height: 80vh; margin: 0 -1rem -1rem; padding: 0 1rem 1rem; overflow-wrap: normal; }
table { border-collapse: collapse; min-width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: .875rem; }
th, td { padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<main>
)";

/// `text` for a page: what is no UTF-8 becomes U+FFFD, what steers terminals visible, and nothing
/// of it markup.
std::string escaped(std::string_view text) {
  const std::string quoted = nlohmann::json(printable(text))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string safe;
  for (const char c : nlohmann::json::parse(quoted).get<std::string>()) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

/// What somebody else has named: writing from right to left must not move what is around it.
std::string foreign(std::string_view text) {
  return "<bdi>" + escaped(text) + "</bdi>";
}

class Page {
 public:
  explicit Page(const FleetView& view) : view_(view), language_(view.language()) {}

  std::string text() {
    html_ +=
        fmt::format(fmt::runtime(kHead), language_ == Language::kKorean ? "ko" : "en", in(kFleet));
    html_ += kStyle;
    add_header();
    add_figures();
    add_unserved();
    add_problems();
    add_counts();
    add_slices();
    add_left_out();
    add_hosts();
    return html_ + "</main>\n</body>\n</html>\n";
  }

 private:
  [[nodiscard]] std::string in(const PackText& text) const { return escaped(text.in(language_)); }
  [[nodiscard]] std::size_t host_count() const { return view_.fleet().hosts.size(); }

  /// A bar as long as the part of all hosts.
  [[nodiscard]] std::string bar(std::size_t hosts) const {
    const double percent = 100.0 * static_cast<double>(hosts) / static_cast<double>(host_count());
    return fmt::format("<i style=\"--part: {:.2f}%\"></i>", percent);
  }

  void add_header() {
    html_ += fmt::format("<header>\n<h1>{}</h1>\n<p>{}", in(kFleet), in(kFleetFrom));
    if (const BundleFile* file = view_.bundle()) {
      const Index& index = file->bundle.index;
      html_ += " " + escaped(fmt::format(fmt::runtime(kFleetBundle.in(language_)), index.program,
                                         index.version, grouped(file->size())));
    }
    html_ += "</p>\n</header>\n";
  }

  /// `kind` is the colour of anything but 0.
  void add_figure(std::size_t number, const PackText& label, std::string_view kind = {}) {
    html_ += fmt::format("<li class=\"{}\"><b>{}</b><span>{}</span></li>\n",
                         number == 0 ? "" : kind, grouped(number), in(label));
  }

  void add_figures() {
    html_ += "<ul class=\"figures\">\n";
    add_figure(host_count(), kHosts);
    add_figure(view_.unserved().size(), kUnserved, "error");
    add_figure(view_.with_errors(), kWithErrors, "error");
    add_figure(view_.emulated(), kInEmulation, "warning");
    add_figure(view_.fleet().left_out.size(), kLeftOut, "warning");
    html_ += "</ul>\n";
  }

  void open_section(const PackText& title) {
    html_ += fmt::format("<section>\n<h2>{}</h2>\n", in(title));
  }
  void close_section() { html_ += "</section>\n"; }

  /// A table in a box of its own, where it may be wider than the page.
  void open_table(const PackText& label, std::initializer_list<PackText> columns,
                  std::initializer_list<std::size_t> numbers = {}) {
    html_ += fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n"
        "<thead><tr>",
        in(label));
    numbers_ = numbers;
    std::size_t position = 0;
    for (const PackText& column : columns) {
      html_ += fmt::format("<th{}>{}</th>", class_of(position++), in(column));
    }
    html_ += "</tr></thead>\n<tbody>\n";
  }
  void close_table() { html_ += "</tbody>\n</table>\n</div>\n"; }

  [[nodiscard]] std::string_view class_of(std::size_t column) const {
    const bool is_number = std::ranges::find(numbers_, column) != numbers_.end();
    return is_number ? " class=\"number\"" : "";
  }

  /// `cells` are HTML.
  void add_row(std::initializer_list<std::string> cells) {
    html_ += "<tr>";
    std::size_t position = 0;
    for (const std::string& cell : cells) {
      html_ += fmt::format("<td{}>{}</td>", class_of(position++), cell);
    }
    html_ += "</tr>\n";
  }

  void add_unserved() {
    const std::vector<const HostReport*> hosts = view_.unserved();
    if (hosts.empty()) return;
    open_section(kUnservedHosts);
    open_table(kUnservedHosts, {kHost, kColumnPlatform});
    for (const HostReport* host : hosts) {
      add_row({foreign(host->name), text_of(host->host.platform)});
    }
    close_table();
    close_section();
  }

  void add_problem(const FleetProblem& problem) {
    const std::string ask = "<code>pixelzx doctor " + problem.code + "</code>";
    html_ += fmt::format(
        "<li>\n<div class=\"problem\"><span><b class=\"{}\">{}</b> <code>{}</code></span>"
        "<b>{}</b></div>\n{}\n<p>{}. <span class=\"soft\">{}</span></p>\n",
        name_of(problem.severity), escaped(severity_text(problem.severity, language_)),
        problem.code, grouped(problem.hosts.size()), bar(problem.hosts.size()),
        foreign(problem.title), fmt::format(fmt::runtime(kExplainProblem.in(language_)), ask));
    html_ += fmt::format("<details><summary>{}</summary>\n<ul class=\"names\">\n", in(kHosts));
    for (const HostReport* host : problem.hosts) html_ += "<li>" + foreign(host->name) + "</li>\n";
    html_ += "</ul>\n</details>\n</li>\n";
  }

  void add_problems() {
    open_section(kProblems);
    if (view_.problems().empty()) html_ += fmt::format("<p>{}</p>\n", in(kNoProblems));
    html_ += "<ul class=\"problems\">\n";
    for (const FleetProblem& problem : view_.problems()) add_problem(problem);
    html_ += "</ul>\n";
    close_section();
  }

  void add_bars(const PackText& title, const std::vector<HostCount>& counts) {
    open_section(title);
    html_ += "<ul class=\"bars\">\n";
    for (const HostCount& count : counts) {
      html_ += fmt::format("<li><span>{}</span><span>{}</span>{}</li>\n", escaped(count.what),
                           grouped(count.hosts), bar(count.hosts));
    }
    html_ += "</ul>\n";
    close_section();
  }

  void add_counts() {
    html_ += "<div class=\"columns\">\n";
    add_bars(kPlatforms, view_.platforms());
    html_ += "<div>\n";
    add_bars(kPageSize, view_.page_sizes());
    std::vector<HostCount> emulation;
    for (const bool emulated : {false, true}) {
      const std::size_t hosts = emulated ? view_.emulated() : host_count() - view_.emulated();
      if (hosts > 0) emulation.push_back({view_.emulation_text(emulated), hosts});
    }
    add_bars(kEmulation, emulation);
    html_ += "</div>\n</div>\n";
  }

  void add_slices() {
    if (view_.slices().empty()) return;
    open_section(kSlices);
    if (view_.bundle() == nullptr) {
      open_table(kSlices, {kSlice, kHosts}, {1});
      for (const FleetSlice& slice : view_.slices()) {
        add_row({text_of(slice.platform), grouped(slice.hosts)});
      }
    } else {
      html_ += "<p>" + escaped(smaller_bundle_text(view_)) + "</p>\n";
      open_table(kSlices, {kSlice, kHosts, kColumnPacked, kInBundle}, {1, 2});
      for (const FleetSlice& slice : view_.slices()) {
        add_row({text_of(slice.platform), grouped(slice.hosts), grouped(slice.packed),
                 escaped(need_text(slice, language_))});
      }
    }
    close_table();
    close_section();
  }

  void add_left_out() {
    if (view_.fleet().left_out.empty()) return;
    open_section(kLeftOut);
    html_ += "<ul class=\"problems\">\n";
    for (const PackError& error : view_.fleet().left_out) {
      const PackError::Words words = error.words(language_);
      html_ += fmt::format("<li><b>{}</b><br>{}. <span class=\"soft\">{}</span></li>\n",
                           foreign(words.what), foreign(words.why), foreign(words.remedy));
    }
    html_ += "</ul>\n";
    close_section();
  }

  void add_hosts() {
    html_ += fmt::format("<section>\n<details><summary><h2>{} ({})</h2></summary>\n", in(kAllHosts),
                         grouped(host_count()));
    open_table(kAllHosts, {kHost, kColumnPlatform, kPageSize, kEmulation, kSlice, kProblems});
    for (const HostReport& host : view_.fleet().hosts) {
      std::string codes;
      for (const HostProblem& problem : host.problems) {
        codes += (codes.empty() ? "" : " ") + problem.code;
      }
      add_row({foreign(host.name), text_of(host.host.platform),
               escaped(view_.page_size_text(host.host.page_size)),
               escaped(view_.emulation_text(host.host.emulated)), escaped(view_.slice_text(host)),
               codes});
    }
    close_table();
    html_ += "</details>\n";
    close_section();
  }

  const FleetView& view_;
  Language language_;
  std::string html_;
  std::vector<std::size_t> numbers_;  // columns of the table at hand that are numbers
};

}  // namespace

std::string fleet_page(const FleetView& view) {
  return Page(view).text();
}

}  // namespace pixelzx::pack
