# SPDX-License-Identifier: Apache-2.0
#
# Short names for the CMake presets. Everything a command needs is installed or built on the way.

export CMAKE_GENERATOR = Ninja
export CTEST_PARALLEL_LEVEL ?= $(shell nproc)
# The build time shown by the node, and of every file in the bundle: the commit's, so that two builds
# of one commit are identical.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

# Objects that were compiled before, be it in another folder, are taken from the build cache.
export CMAKE_C_COMPILER_LAUNCHER = ccache
export CMAKE_CXX_COMPILER_LAUNCHER = ccache
export CCACHE_DIR ?= $(shell packaging/build-cache.sh)/ccache
export CCACHE_MAXSIZE ?= 3G
export CCACHE_BASEDIR = $(CURDIR)
# Nothing but the language of a warning.
export CCACHE_SLOPPINESS = locale

# $(1): the group of packages; silent when they are there.
setup = packaging/setup.sh $(1)

.PHONY: help run dist test test-full fuzz statetest lint bench docs clean
.PHONY: image image-slim tarball deb release
.PHONY: buildx-setup docker-build-local docker-build-multi docker-push-multi docker-test-multi inspect

help:
	@echo 'make run        build for this machine, and run the version command of the node'
	@echo 'make test       build everything, and run all tests'
	@echo 'make dist       build for all six platforms into dist/'
	@echo 'make test-full  make test, and its long versions'
	@echo 'make fuzz       search for inputs that break a reader, TIME=60 seconds for each target, or one: TARGET=elf'
	@echo 'make statetest  official tests of Ethereum in DIR=folder: states, RLP, tries, transactions, key files'
	@echo 'make lint       formatting and static analysis'
	@echo 'make bench      measure launches, and write docs/benchmarks; of another bundle into build/bench with'
	@echo "                make bench BUNDLE=path ARGS='--version'"
	@echo 'make docs       the pages of docs/diagnoses, from the texts in launcher/'
	@echo 'make clean      remove build/ and dist/'
	@echo
	@echo 'make image, image-slim    container images in dist/, without a container engine'
	@echo 'make tarball              what is installed without containers: the archives, and pixelzx.run, in dist/'
	@echo 'make deb                  Debian packages for all six architectures, in dist/'
	@echo 'make release              all of these and their checksums in dist/release/'
	@echo
	@echo 'with docker buildx, else podman, else without either; .env.example has the settings:'
	@echo 'make buildx-setup         the builder that buildx needs'
	@echo 'make docker-build-local   the image for this machine, with the tag local'
	@echo 'make docker-build-multi   the image for all platforms'
	@echo 'make docker-push-multi    the same, and push it'
	@echo 'make docker-test-multi    start the node of each platform in its image'
	@echo 'make inspect              the platforms of what was pushed'
	@echo

# The whole path on this machine: launcher, bundle, node.
run:
	@$(call setup,run)
	@packaging/build-dist.sh build/run/dist "$$(packaging/host-platform.sh)"
	@build/run/dist/launcher/*/pixelzx version

dist:
	@$(call setup,dist)
	@packaging/build-dist.sh dist

image: dist
	@packaging/image.sh -o dist/image-universal.oci.tar

image-slim: dist
	@packaging/image.sh --kind slim -o dist/image-slim.oci.tar

tarball: dist
	@packaging/tarball.sh dist

deb: dist
	@packaging/deb.sh dist

release: dist
	@packaging/release.sh dist/release

buildx-setup:
	@packaging/docker.sh setup

docker-build-local:
	@packaging/docker.sh local

docker-build-multi:
	@packaging/docker.sh multi

docker-push-multi:
	@packaging/docker.sh push

docker-test-multi:
	@packaging/docker.sh test

inspect:
	@packaging/docker.sh inspect

test: test-build
	ctest --preset asan
	ctest --preset fuzz
	ctest --preset tsan
	ctest --preset host $(CTEST_FLAGS)

.PHONY: test-build host-build
host-build:
	@$(call setup,test)
	@packaging/build-dist.sh dist
	cmake --preset host && cmake --build build/host

# Of these platforms, the official state tests run under emulation (tests/e2e/test_state_tests_platforms.py).
test-build: host-build
	for tree in linux-s390x linux-arm-v7 linux-ppc64le; do cmake --build build/$$tree --target ethereum_tests || exit; done
	cmake --preset asan && cmake --build build/asan --target unit_tests
	cmake --preset fuzz && cmake --build build/fuzz --target fuzz
	cmake --preset tsan && cmake --build build/tsan --target unit_tests

# The clean machine in a chroot, and more rounds of what `make test` does a few times.
test-full: export PIXELZX_TEST_FULL = 1
test-full: test

TIME ?= 60

fuzz:
	@$(call setup,test)
	@cmake --preset fuzz >/dev/null && cmake --build build/fuzz --target fuzz
	@tests/fuzz/run.sh search build/fuzz "$(TIME)" $(TARGET)

statetest:
	@$(call setup,test)
	@cmake --preset host >/dev/null && cmake --build build/host --target ethereum_tests
	@build/host/tests/ethereum_tests "$(DIR)"

lint: host-build
	ctest --preset host -L lint

bench:
	@$(call setup,bench)
	@packaging/build-dist.sh dist
	@cmake --preset host >/dev/null && cmake --build build/host --target measure
	@/usr/bin/python3 -B tests/bench/bench.py $(if $(BUNDLE),--bundle="$(BUNDLE)" --arguments="$(ARGS)") $(BENCH_FLAGS)

docs:
	rm -rf docs/diagnoses
	mkdir -p docs/diagnoses/ko
	awk -f launcher/texts.awk -v pages=docs/diagnoses launcher/messages.txt launcher/diagnoses.txt

clean:
	rm -rf build dist
