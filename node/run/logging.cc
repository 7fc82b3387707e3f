// SPDX-License-Identifier: Apache-2.0
#include "node/run/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace pixelzx::node {
namespace {

/// The message as JSON has it, with quotes.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const nlohmann::json text = std::string_view(line.payload.data(), line.payload.size());
    const std::string quoted = text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

std::unique_ptr<spdlog::formatter> formatter(bool json) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (json) {
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-8l %v");
  }
  return formatter;
}

/// A rotating file that can be opened anew.
class LogFile : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFile(const Settings& settings)
      : name_(settings.log_file),
        size_(static_cast<std::size_t>(
            std::min<std::uint64_t>(std::uint64_t{settings.log_file_size} << 20U,
                                    std::numeric_limits<std::size_t>::max()))),
        files_(settings.log_files) {
    open();
  }

  void reopen() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open();
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override { file_->log(line); }
  void flush_() override { file_->flush(); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    base_sink::set_formatter_(std::move(formatter));
    file_->set_formatter(formatter_->clone());
  }

 private:
  void open() {
    auto file = std::make_unique<spdlog::sinks::rotating_file_sink_st>(name_, size_, files_);
    file->set_formatter(formatter_->clone());
    file_ = std::move(file);
  }

  std::string name_;
  std::size_t size_;
  std::size_t files_;
  std::unique_ptr<spdlog::sinks::rotating_file_sink_st> file_;
};

std::shared_ptr<LogFile>& log_file() {
  static std::shared_ptr<LogFile> file;
  return file;
}

}  // namespace

std::optional<Failure> start_logging(const Settings& settings) {
  spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  try {
    if (!settings.log_file.empty()) sink = log_file() = std::make_shared<LogFile>(settings);
  } catch (const spdlog::spdlog_ex& error) {
    return Failure{Phrase::kCannotLog, {settings.log_file, std::string(error.what())}};
  }
  auto logger = std::make_shared<spdlog::logger>("pixelzx", sink);
  logger->set_formatter(formatter(settings.log_json));
  logger->set_level(spdlog::level::from_str(settings.log_level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
  return std::nullopt;
}

void reopen_log() {
  if (log_file() == nullptr) return;
  try {
    log_file()->reopen();
  } catch (const spdlog::spdlog_ex& error) {
    spdlog::error("the log file stays as it is: {}", error.what());
  }
}

}  // namespace pixelzx::node
