# SPDX-License-Identifier: Apache-2.0
#
# One Debian package, of what packaging/deb.sh has staged and named in the environment.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pixelzx)
set(CPACK_PACKAGE_VERSION "$ENV{PIXELZX_DEB_VERSION}")
set(CPACK_PACKAGE_FILE_NAME "pixelzx-$ENV{PIXELZX_DEB_ARCHITECTURE}")  # of the working directory
set(CPACK_PACKAGE_CONTACT "PIXELZX maintainers <maintainers@pixelzx.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "node of a proof-of-stake EVM chain, and its doctor")
set(CPACK_PACKAGE_DESCRIPTION
"PIXELZX is a chain with the rules of Ethereum's Cancun revision, to which
wallets and Solidity tools talk by JSON-RPC. This is its node, a static
program, with a service of systemd, which can start once there is a chain.
\n\"pixelzx doctor\" tells why a program does not run on this machine.")
set(CPACK_INSTALLED_DIRECTORIES
  "$ENV{PIXELZX_DEB_STAGE}/all" / "$ENV{PIXELZX_DEB_STAGE}/$ENV{PIXELZX_DEB_ARCHITECTURE}" /)
set(CPACK_PACKAGING_INSTALL_PREFIX /)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE "$ENV{PIXELZX_DEB_ARCHITECTURE}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)  # which every dpkg reads
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_LIST_DIR}/postinst" "${CMAKE_CURRENT_LIST_DIR}/prerm" "${CMAKE_CURRENT_LIST_DIR}/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
