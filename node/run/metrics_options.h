// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/config/settings.h"
#include "node/rpc/http_server.h"

namespace pixelzx::node {

/// Where and how /metrics is served. It is asked for by any name, and tells no secrets.
inline HttpOptions metrics_options(const Settings& settings) {
  return {.address = settings.metrics_address,
          .port = settings.metrics_port,
          .virtual_hosts = {"*"},
          .max_connections = 16,
          .max_per_client = 8};
}

}  // namespace pixelzx::node
