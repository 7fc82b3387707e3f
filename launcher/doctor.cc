// SPDX-License-Identifier: Apache-2.0
//
// `pixelzx doctor`: gathers the facts, step by step, and notes a finding where something is amiss.
#include "doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <new>

#include "host_arch.h"
#include "output.h"
#include "plan.h"
#include "refusal.h"
#include "unpack.h"

namespace pixelzx {
namespace {

constexpr std::size_t kSystemFindings = 32;

struct Options {
  bool json = false;
  bool quiet = false;
  bool help = false;
  std::string_view host;       // --host: a snapshot
  std::string_view save_host;  // --save-host
  Language language{};
  const char* wrong = nullptr;  // the word that cannot be understood
};

/// Memory for values of one kind that are only added.
template <typename T>
class List {
 public:
  explicit List(std::size_t capacity)
      : memory_(capacity * sizeof(T)), capacity_(memory_.data() == nullptr ? 0 : capacity) {}

  T* add(const T& value) {
    if (size_ == capacity_) return nullptr;
    return new (memory_.data() + sizeof(T) * size_++) T(value);
  }
  [[nodiscard]] std::span<T> all() const {
    return {reinterpret_cast<T*>(memory_.data()), size_};  // NOLINT: made by add
  }

 private:
  Memory memory_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

Options parse_options(char* const* words, Language language, List<const char*>& files) {
  Options options;
  options.language = language;
  bool only_files = false;
  for (; *words != nullptr; ++words) {
    const std::string_view word(*words);
    const auto take_value = [&](std::string_view name, std::string_view& value) {
      if (word == name && words[1] != nullptr) {
        value = *++words;
        return true;
      }
      if (!word.starts_with(name) || word.substr(name.size(), 1) != "=") return false;
      value = word.substr(name.size() + 1);
      return true;
    };
    std::string_view told;
    if (only_files || !word.starts_with('-') || word == "-") {
      files.add(*words);
    } else if (word == "--") {
      only_files = true;
    } else if (word == "--json") {
      options.json = true;
    } else if (word == "--quiet" || word == "-q") {
      options.quiet = true;
    } else if (word == "--help" || word == "-h") {
      options.help = true;
    } else if (take_value("--lang", told) && (told == "en" || told == "ko")) {
      options.language = told == "ko" ? Language::kKorean : Language::kEnglish;
    } else if (!(take_value("--host", options.host) && !options.host.empty()) &&
               !(take_value("--save-host", options.save_host) && !options.save_host.empty())) {
      options.wrong = *words;
      break;
    }
  }
  return options;
}

/// The examination, one function a subject.
class Doctor {
 public:
  Doctor(const DoctorStart& start, const Options& options, const HostSource& source,
         std::span<const char*> paths)
      : start_(start),
        options_(options),
        source_(source),
        live_(options.host.empty()),
        files_(paths.size()),
        findings_(kSystemFindings + paths.size()) {}

  int run(std::span<const char*> paths);

 private:
  void add(const Diagnosis& diagnosis, std::size_t file = Finding::kNoFile) {
    findings_.add({diagnosis, file});
  }
  [[nodiscard]] Diagnosis about(Cause cause) const {
    return Diagnosis(cause).with(Evidence::kPlatform,
                                 to_text(plain_platform(facts_.machine.host)).view());
  }

  [[nodiscard]] bool can_run(std::string_view arch) const;
  void look_at_host();
  void look_at_handlers();
  void look_at_bundle();
  void look_at_caches();
  void look_at_launch();
  void look_at_files(std::span<const char*> paths);

  const DoctorStart& start_;
  const Options& options_;
  const HostSource& source_;
  bool live_;
  Facts facts_;
  List<FileReport> files_;
  List<Finding> findings_;
};

/// The CPU's name: whichever line of /proc/cpuinfo has it on this architecture.
std::string_view cpu_name(std::string_view cpuinfo) {
  for (const std::string_view key :
       {"model name", "cpu model", "cpu", "uarch", "Processor", "Hardware", "vendor_id"}) {
    const std::string_view value = cpuinfo_value(cpuinfo, key);
    if (!value.empty() && value.find_first_not_of("0123456789") != std::string_view::npos)
      return value;
  }
  return {};
}

std::string_view container_name(const HostFiles& files) {
  if (getenv("KUBERNETES_SERVICE_HOST") != nullptr) return "kubernetes";
  if (files.exists("/.dockerenv")) return "docker";
  if (files.exists("/run/.containerenv")) return "podman";
  const char* told = getenv("container");  // systemd's convention, CONTAINER_INTERFACE
  return told == nullptr ? std::string_view() : std::string_view(told);
}

/// Where a file can be made to try a program: a cache directory, or where it would be made.
Path writable_directory(const CacheVariables& variables) {
  for (const auto& candidate : cache_candidates(variables)) {
    Path path = candidate.path;
    while (candidate.create && path.size() > 1 && access(path.c_str(), F_OK) != 0) {
      path = directory_of(path.view());
    }
    if (access(path.c_str(), W_OK | X_OK) == 0) return path;
  }
  return {};
}

void Doctor::look_at_host() {
  const Path directory = live_ ? writable_directory(start_.environment.cache) : Path();
  look_at_machine(source_, live_, directory, facts_.machine);
  const Host& host = facts_.machine.host;
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  facts_.cpu.append_printable(cpu_name(source_.files.read("/proc/cpuinfo", buffer)));
  if (!live_) return;
  facts_.container.append_printable(container_name(source_.files));
  facts_.userland_is_32_bit = sizeof(void*) == 4;
  if (!source_.files.exists("/proc/self")) add(about(Cause::kNoProc));
  if (host.userland != host.platform) add(about(Cause::k32BitUserland));
}

void Doctor::look_at_handlers() {
  const Machine& machine = facts_.machine;
  if (machine.handlers_known && !machine.handlers_on && machine.handler_count > 0) {
    add(about(Cause::kHandlerDisabled).with(Evidence::kDetail, "binfmt_misc"));
  }
  for (std::size_t i = 0; i < kPlatformProbes; ++i) {
    const int outcome = machine.outcomes[i];
    const Handler* handler = machine.handler_of(kProbes[i]);
    if (outcome == EAGAIN) {
      add(about(Cause::kProcessLimit));
      return;
    }
    if (handler == nullptr) {
      for (const Handler& other : machine.handlers()) {
        Handler enabled = other;
        enabled.enabled = true;
        if (!other.enabled && enabled.takes(make_probe(kProbes[i]).view())) {
          add(about(Cause::kHandlerDisabled).with(Evidence::kDetail, other.name.view()));
        }
      }
      continue;
    }
    const auto about_handler = [&](Cause cause) {
      return about(cause)
          .with(Evidence::kInterpreter, handler->interpreter.view())
          .with(Evidence::kDetail, handler->name.view());
    };
    if (outcome == ENOENT) {
      add(about_handler(Cause::kHandlerGone));
    } else if (outcome < 0) {
      add(about_handler(Cause::kEmulatorCrash)
              .with(Evidence::kDetail,
                    FixedString<20>().append_number(static_cast<std::uint64_t>(-outcome)).view()));
    } else if (!handler->is_fixed()) {
      add(about_handler(Cause::kHandlerNotFixed));
    }
  }
}

void Doctor::look_at_bundle() {
  if (!start_.bundle) {
    add(start_.bundle.diagnosis());
    return;
  }
  facts_.bundle = &*start_.bundle;
  const std::span<const Slice> slices = facts_.bundle->index.slices();
  for (std::size_t i = 0; i < slices.size(); ++i) {
    if (facts_.bundle->installed) {
      Text why;
      facts_.intact[i] = find_installed(*facts_.bundle, slices[i], why).has_value();
      continue;
    }
    std::optional<Diagnosis> problem = verify_slice(*facts_.bundle, slices[i]);
    facts_.intact[i] = !problem;
    if (problem) add(problem->with(Evidence::kBundle, facts_.bundle->path.view()));
  }
}

void Doctor::look_at_caches() {
  const CacheVariables& variables = start_.environment.cache;
  std::uint64_t largest = 0;
  if (facts_.bundle != nullptr) {
    for (const Slice& slice : facts_.bundle->index.slices())
      largest = std::max(largest, slice.size);
  }
  bool usable = false;
  EvidenceText reasons;
  for (const auto& candidate : cache_candidates(variables)) {
    CacheReport& report = facts_.caches[facts_.cache_count];
    report.path = candidate.path;
    report.usable = is_usable_cache(candidate, largest, report.reasons);
    const EvidenceText why = report.reasons.text(options_.language);
    // A directory that need not be there, and is not, is no news.
    if (!report.usable && why.empty()) continue;
    ++facts_.cache_count;
    usable = usable || report.usable;
    if (!why.empty()) reasons.append(reasons.empty() ? "" : "; ").append(why.view());
  }
  const int outcome = facts_.machine.memory_outcome;
  facts_.memory_usable = outcome == 0;
  EvidenceText memory;
  if (outcome > 0) append_errno(memory, outcome, options_.language);
  if (outcome == EAGAIN) return;  // no process could be started, which is a finding already
  const bool installed = facts_.bundle != nullptr && facts_.bundle->installed;
  const bool denied = facts_.machine.memory_created && (outcome == EACCES || outcome == EPERM);
  const bool everywhere = facts_.machine.own_outcome() != 0 &&
                          (facts_.machine.file_tried || variables.pixelzx_cache == "off");
  if (denied && everywhere) {
    add(explain_denial(source_.files, {}, outcome)
            .with(Evidence::kPath, start_.launcher.view())
            .with(Evidence::kCache, reasons.view())
            .with(Evidence::kMemfd, memory.view()));
    return;
  }
  if (!usable && outcome != 0 && !installed) {
    add(about(Cause::kNoPlaceToUnpack)
            .with(Evidence::kCache, reasons.view())
            .with(Evidence::kMemfd, memory.view()));
    return;
  }
  if (outcome != 0) add(about(Cause::kMemfdRefused).with(Evidence::kDetail, memory.view()));
  if (!usable && !installed && variables.pixelzx_cache != "off") {
    add(about(Cause::kCacheUnusable).with(Evidence::kCache, reasons.view()));
  }
}

/// False when a program of that architecture was tried and did not run.
bool Doctor::can_run(std::string_view arch) const {
  for (std::size_t i = 0; i < kPlatformProbes; ++i) {
    if (parse_platform(kProbes[i].platform)->arch.view() == arch) {
      return facts_.machine.ways[i] != Way::kNone;
    }
  }
  return true;
}

void Doctor::look_at_launch() {
  facts_.launch_examined = true;
  Result<std::optional<Platform>> insisted = insisted_platform(start_.environment);
  if (!insisted) {
    add(insisted.diagnosis());
    return;
  }
  if (facts_.bundle == nullptr) return;
  const Host& host = facts_.machine.host;
  Result<Selection> plan = plan_launch(start_.environment, host, *facts_.bundle, *insisted);
  if (!plan) {
    add(with_machine(plan.diagnosis(), host, *facts_.bundle, options_.language));
    return;
  }
  const Index& index = facts_.bundle->index;
  if (*insisted && live_ && !can_run((*insisted)->arch.view())) {
    add(with_machine(cannot_run_insisted(start_.environment, messages::kNoEmulator), host,
                     *facts_.bundle, options_.language));
    return;
  }
  for (const std::size_t position : *plan) {
    if (facts_.intact[position] && !facts_.slice) facts_.slice = index.platforms()[position];
  }
  if (!facts_.slice) {
    if (facts_.bundle->installed) {
      add(about(Cause::kSliceNotInstalled)
              .with(Evidence::kBundle, facts_.bundle->path.view())
              .with(Evidence::kSlice, to_text(index.platforms()[*plan->begin()]).view())
              .with(Evidence::kDetail, messages::kMissing));
    }
    return;
  }
  if (!*insisted && facts_.slice->arch == host.platform.arch &&
      *compatible_platforms(host.platform).begin() != *facts_.slice) {
    facts_.better_slice = *compatible_platforms(host.platform).begin();
  }
  if (host.emulated && !*insisted) {
    add(about(Cause::kEmulated).with(Evidence::kSlice, to_text(*facts_.slice).view()));
  }
}

void Doctor::look_at_files(std::span<const char*> paths) {
  LiveFiles files;
  const char* search_path = getenv("PATH");
  files.search_path = search_path == nullptr ? "" : search_path;
  files.in_unit = getenv("INVOCATION_ID") != nullptr;
  for (const char* path : paths) {
    FileReport* report =
        files_.add({path, examine(files, Path(path), facts_.machine, options_.language)});
    if (report == nullptr) return;
    if (report->examination.diagnosis) {
      add(*report->examination.diagnosis, files_.all().size() - 1);
    }
  }
}

int Doctor::run(std::span<const char*> paths) {
  look_at_host();
  if (paths.empty()) {
    look_at_handlers();
    look_at_bundle();
    if (live_) look_at_caches();
    look_at_launch();
  } else {
    look_at_files(paths);
  }
  facts_.files = files_.all();
  facts_.findings = findings_.all();
  const bool printed = options_.json ? print_json(facts_, options_.language)
                                     : print_text(facts_, options_.language, options_.quiet);
  const bool wrong = std::ranges::any_of(facts_.findings, [](const Finding& finding) {
    return diagnosis_row(finding.diagnosis.cause()).severity == Severity::kError;
  });
  return wrong || !printed ? 1 : 0;
}

int wrong_usage(const DoctorStart& start, Language language, Text what, std::string_view word) {
  MessageText text;
  text.append_printable(start.program).append(" doctor: ");
  EvidenceText safe;
  safe.append_printable(word);
  append_filled(text, what.in(language), safe.view());
  text.append("\n").append(messages::kUsage.in(language)).append("\n");
  say(text.view());
  return 2;
}

void print_usage(Language language) {
  Output out;
  std::string_view usage = messages::kUsage.in(language);
  out << usage << "\n\n";
  // One text a line: `|` parts them in the table.
  for (std::string_view rest = messages::kHelp.in(language); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find(" |"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    out << line << "\n";
  }
}

}  // namespace

int run_doctor(const DoctorStart& start, char* const* words) {
  std::size_t count = 0;
  while (words[count] != nullptr) ++count;
  List<const char*> paths(count + 1);
  const Options options = parse_options(words, start.environment.language, paths);
  const auto refuse = [&](Text what, std::string_view word) {
    return wrong_usage(start, options.language, what, word);
  };
  if (options.wrong != nullptr) return refuse(messages::kWrongOption, options.wrong);
  if (options.help) {
    print_usage(options.language);
    return 0;
  }
  if (!paths.all().empty() &&
      equal_ignoring_case(std::string_view(paths.all()[0]).substr(0, 4), "PZX-")) {
    Output out;
    for (const char* code : paths.all()) {
      const DiagnosisRow* row = find_diagnosis(code);
      if (row == nullptr) return refuse(messages::kNoSuchCode, code);
      out << format_page(*row, options.language).view() << (code == paths.all().back() ? "" : "\n");
    }
    return out.flush() ? 0 : 1;
  }
  const std::optional<HostSource> source =
      options.host.empty() ? std::optional(live_host_source()) : snapshot_host_source(options.host);
  if (!source) return refuse(messages::kNoSnapshot, options.host);
  if (!options.save_host.empty()) {
    Path failed;
    const int error = save_snapshot(*source, Path(options.save_host), failed);
    if (error == 0) return 0;
    EvidenceText what;
    what.append_printable(failed.view()).append(": ");
    append_errno(what, error, options.language);
    return refuse(messages::kCannotSave, what.view());
  }
  return Doctor(start, options, *source, paths.all()).run(paths.all());
}

}  // namespace pixelzx
