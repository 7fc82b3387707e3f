// SPDX-License-Identifier: Apache-2.0
#include "node/base/deep_thread.h"

#include <system_error>
#include <utility>

namespace pixelzx::node {
namespace {

// Of which only what is used takes memory.
constexpr std::size_t kStack = std::size_t{16} << 20U;

void* run_it(void* function) {
  (*static_cast<std::function<void()>*>(function))();
  return nullptr;
}

}  // namespace

DeepThread::DeepThread(std::function<void()> run) : run_(std::move(run)) {
  pthread_attr_t attributes{};
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  const int error = pthread_create(&thread_, &attributes, run_it, &run_);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_create");
}

DeepThread::~DeepThread() {
  pthread_join(thread_, nullptr);
}

}  // namespace pixelzx::node
