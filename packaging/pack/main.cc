// SPDX-License-Identifier: Apache-2.0
//
// pixelzx-pack: makes and examines bundles, on the machine where releases are built.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <new>

#include "pack/cli.h"
#include "pack/pack_error.h"

namespace {

using namespace pixelzx;        // NOLINT
using namespace pixelzx::pack;  // NOLINT

int report(const PackError& error, Language language) {
  std::string message = error.message(language);
  message.pop_back();  // spdlog ends the line
  spdlog::error("{}", message);
  return error.exit_status();
}

}  // namespace

int main(int argc, char** argv) {
  const Language language =
      locale_language(std::getenv("LC_ALL"), std::getenv("LC_MESSAGES"), std::getenv("LANG"));
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error like others
  spdlog::set_default_logger(spdlog::stderr_logger_st("pixelzx-pack"));
  spdlog::set_pattern("%v");
  try {
    return run_cli(argc, argv, language);
  } catch (const PackError& error) {
    return report(error, language);
  } catch (const std::bad_alloc&) {
    return report(PackError(Problem::kOutOfMemory), language);
  } catch (const std::exception& error) {
    return report(PackError(Problem::kUnexpected, {error.what()}), language);
  }
}
