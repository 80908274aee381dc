# Every target does its own set-up on a fresh Debian or Ubuntu machine that has a Swift toolchain.
.PHONY: setup build static demo test check lint format bench install clean golden docs
PREFIX ?= /usr/local
BINARY := .build/release/kdoctor
SAMPLE := samples/cri-disabled/kubelet.log

setup:
	@scripts/setup

build: setup
	@touch Package.swift # SwiftPM does not notice by itself that a file of knowledge/ was removed
	swift build -c release --product kdoctor

static: setup
	KDOCTOR_STATIC=1 swift build -c release --product kdoctor --scratch-path .build-static -Xswiftc -static-executable
	cp .build-static/release/kdoctor .build-static/kdoctor
	strip .build-static/kdoctor
	@ls -l .build-static/kdoctor

demo: build
	@echo
	@echo '$$ kdoctor analyze $(SAMPLE)'
	@echo
	@$(BINARY) analyze $(SAMPLE) || test $$? -eq 1

test: build
	swift build --build-tests -Xswiftc -warnings-as-errors
	KDOCTOR=$(CURDIR)/$(BINARY) swift test --skip-build
	$(BINARY) rules lint
	$(BINARY) rules test

lint:
	swift format lint --strict --recursive Sources Tests Plugins Package.swift

format:
	swift format --in-place --recursive Sources Tests Plugins Package.swift

check: lint test

docs: build
	$(BINARY) rules pages docs

golden: build
	@scripts/golden $(BINARY)

bench: build
	@scripts/bench $(BINARY)

install: build
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/kdoctor

clean:
	swift package clean
	rm -rf .build-static
