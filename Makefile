# SPDX-License-Identifier: Apache-2.0
#
# Short names for the CMake presets. Everything a command needs is installed or built on the way.

export CMAKE_GENERATOR = Ninja
# The build time shown by the node, and of every file in the bundle: the commit's, so that two builds
# of one commit are identical.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

# $(1): the group of packages; silent when they are there.
setup = packaging/setup.sh $(1)

.PHONY: help run dist test test-full lint docs clean

help:
	@echo 'make run        build for this machine, and run the version command of the node'
	@echo 'make test       build everything, and run all tests'
	@echo 'make dist       build for all six platforms into dist/'
	@echo 'make test-full  make test, and its long versions'
	@echo 'make lint       formatting and static analysis'
	@echo 'make docs       the pages of docs/diagnoses, from the texts in launcher/'
	@echo 'make clean      remove build/ and dist/'

# The whole path on this machine: launcher, bundle, node.
run:
	@$(call setup,run)
	@packaging/build-dist.sh build/run/dist "$$(packaging/host-platform.sh)"
	@build/run/dist/launcher/*/pixelzx version

dist:
	@$(call setup,dist)
	@packaging/build-dist.sh dist

test: test-build
	ctest --preset asan
	ctest --preset host $(CTEST_FLAGS)

.PHONY: test-build
test-build:
	@$(call setup,test)
	@packaging/build-dist.sh dist
	cmake --preset host && cmake --build build/host
	cmake --preset asan && cmake --build build/asan --target unit_tests

# The clean machine in a chroot, and more rounds of what `make test` does a few times.
test-full: export PIXELZX_TEST_FULL = 1
test-full: test

lint:
	@$(call setup,test)
	@packaging/build-dist.sh dist
	ctest --preset host -L lint

docs:
	rm -rf docs/diagnoses
	mkdir -p docs/diagnoses/ko
	awk -f launcher/texts.awk -v pages=docs/diagnoses launcher/messages.txt launcher/diagnoses.txt

clean:
	rm -rf build dist
