# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Everything here needs Go, git and make; targets that need more say so.

SHELL       := /bin/sh
BIN         := $(CURDIR)/bin
PLUGIN      := $(BIN)/kubectl-dapr_prod
TESTENV     := $(BIN)/testenv
INJECTORS   := $(BIN)/injectors
INJECTED    := $(CURDIR)/pkg/sidecar/testdata/injected
DEMO        := $(CURDIR)/.demo
LINT_VERSION := v2.15.0
LINT        := $(BIN)/golangci-lint-$(LINT_VERSION)
GOTESTSUM_VERSION := v1.13.0
GOTESTSUM   := $(BIN)/gotestsum-$(GOTESTSUM_VERSION)
# The tests on a cluster run beside each other on machines with two cores. One
# that fails runs once more, alone; it is named in the end, and has to be mended.
GOTEST      := $(GOTESTSUM) --format pkgname-and-test-fails --format-hide-empty-pkg \
	--format-icons text --hide-summary output \
	--rerun-fails=1 --rerun-fails-max-failures=5 --rerun-fails-run-root-test --rerun-fails-abort-on-data-race
GORELEASER_VERSION := v2.16.0
GORELEASER  := $(BIN)/goreleaser-$(GORELEASER_VERSION)
# What a build on one machine leaves out: it publishes nothing, and signs nothing. The first
# one compiles everything for six machines, which may take longer than GoReleaser's hour.
SNAPSHOT    := release --snapshot --clean --skip=publish,announce,sign,sbom --timeout=6h
# Of the commit, for repositories without a remote (.goreleaser.yaml).
OF_COMMIT   := COMMIT_DATE=$$(git log -1 --format=%cI) COMMIT_TIMESTAMP=$$(git log -1 --format=%ct)

export CGO_ENABLED = 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the plugin into bin/
	go build -trimpath -o $(PLUGIN) ./cmd/kubectl-dapr_prod

.PHONY: quickstart
quickstart: build ## Build the plugin and check examples/shop, without a cluster
	$(PLUGIN) check -f examples/shop --fail-on=never

.PHONY: testenv
testenv: ## Build what the real cluster of the tests consists of; minutes, once
	cd hack/testenv && go build -trimpath -o $(TESTENV) .
	$(TESTENV) build --bin $(BIN)

# The tests of all packages, on one cluster. The race detector wants a C compiler.
CLUSTER_TESTS = $(if $(RACE),CGO_ENABLED=1 )$(TESTENV) run -- $(GOTEST) --packages ./... -- $(RACE) -timeout 40m -tags cluster

.PHONY: test
test: build testenv $(GOTESTSUM) ## Run every test, those against a real cluster included; with RACE=-race under the race detector
	cd hack/testenv && go test ./...
	$(CLUSTER_TESTS)
	$(GOTEST) --packages "./test/charts ./test/helm" -- -count=1 -timeout 30m -tags charts
	@echo "left out: $(if $(RACE),,make test-race, which needs a C compiler, and )make test-browser, which needs Chromium"

$(GOTESTSUM):
	GOBIN=$(BIN) go install gotest.tools/gotestsum@$(GOTESTSUM_VERSION)
	mv $(BIN)/gotestsum $@

.PHONY: charts
charts: testenv ## Write anew what is said of the charts of Dapr's releases
	go test -tags charts ./test/charts -update
	git diff --stat -- test/charts

.PHONY: test-race
test-race: RACE = -race
test-race: testenv $(GOTESTSUM) ## Run every test under the race detector; needs a C compiler
	$(CLUSTER_TESTS)

.PHONY: test-browser
test-browser: build ## Open the pages of reports in a headless Chromium, which has to be there (Debian: chromium)
	$(PLUGIN) check -f examples/shop --fail-on=never -o html=$(BIN)/check.html
	cd test/browser && go test -count=1 . -page $(BIN)/check.html

.PHONY: injectors
injectors: ## Write anew what the injectors of Dapr's releases answer; minutes
	mkdir -p $(INJECTORS)
	@set -e; for release in $$(cd hack/injectors && ls -d 1.*); do \
		echo "injector $$release"; \
		(cd hack/injectors/$$release && nice -n 15 go build -p 1 -trimpath -o $(INJECTORS)/$$release .); \
		$(INJECTORS)/$$release $(INJECTED)/pods.json $(INJECTORS)/$$release.json > $(INJECTORS)/$$release.log; \
	done
	rm -f $(INJECTED)/1.*.json
	go test ./pkg/sidecar -run TestInjectorsOfReleases -answers $(INJECTORS)

.PHONY: lint
lint: $(LINT) ## Run the linters and check the house rules
	$(LINT) run ./...
	cd hack/testenv && $(LINT) run --config ../../.golangci.yml ./...
	cd hack/injectors && $(LINT) run --config ../../.golangci.yml ./...
	cd test/browser && $(LINT) run --config ../../.golangci.yml ./...
	hack/verify-patterns.sh

$(LINT):
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(BIN)/golangci-lint $@

.PHONY: docs
docs: ## Write docs/guidelines.md and docs/commands from the code
	go test ./pkg/report -run TestDocument -update
	go test ./pkg/cmd -run TestPages -update

.PHONY: picture
picture: ## Draw anew what the README shows of commands; Linux alone
	mkdir -p docs/images
	go run ./hack/picture docs/images

.PHONY: fmt
fmt: $(LINT) ## Format the code
	$(LINT) fmt ./...

.PHONY: bench-sizing
bench-sizing: build testenv ## Measure sizing for 6,000 Pods beside the bare queries that it asks; half an hour
	hack/bench-sizing.sh $(BIN) $(CURDIR)/.bench

.PHONY: demo
demo: build testenv ## Start a real cluster with Dapr and the shop in it, and check it
	hack/demo.sh $(BIN) $(DEMO) flawed

.PHONY: demo-production
demo-production: build testenv ## The same with Dapr and the shop as the guidelines ask; fails where something falls short
	hack/demo.sh $(BIN) $(DEMO) production

.PHONY: demo-prometheus
demo-prometheus: demo ## The demo with a Prometheus that remembers two weeks of it, and what sizing makes of them
	hack/demo-prometheus.sh $(BIN) $(DEMO)

.PHONY: demo-down
demo-down: ## Stop the cluster of either demo
	@if [ -x $(TESTENV) ]; then $(TESTENV) down --dir $(DEMO); fi

.PHONY: bench
bench: build testenv ## Measure the commands in a large cluster, beside the bare lists; a long time
	go build -trimpath -o $(BIN)/ ./hack/bench ./hack/measure
	PATH=$(BIN):$$PATH $(TESTENV) run -- $(BIN)/bench $(PLUGIN)

.PHONY: size
size: ## Say what is in the plugin as it is released for Linux
	GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false -o $(BIN)/size/whole ./cmd/kubectl-dapr_prod
	GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o $(BIN)/size/stripped ./cmd/kubectl-dapr_prod
	go run ./hack/size $(BIN)/size/whole $(BIN)/size/stripped

.PHONY: release-snapshot
release-snapshot: $(GORELEASER) ## Build the archives, sums and manifest of a release into dist/; a long time, once
	$(OF_COMMIT) $(GORELEASER) $(SNAPSHOT)
	$(MAKE) krew-manifest

.PHONY: release-linux
release-linux: $(GORELEASER) ## The same with one archive, of linux on amd64: what make test-release needs
	sed 's/^    goos: .*/    goos: [linux]/; s/^    goarch: .*/    goarch: [amd64]/' .goreleaser.yaml > $(BIN)/goreleaser-linux.yaml
	$(OF_COMMIT) $(GORELEASER) $(SNAPSHOT) --config $(BIN)/goreleaser-linux.yaml

.PHONY: krew-manifest
krew-manifest: ## Fill in the manifest for krew from the archives in dist/
	mkdir -p dist/krew
	go run ./hack/release .krew.yaml dist > dist/krew/dapr-prod.yaml

.PHONY: test-release
test-release: testenv ## Install the archive in dist/ as krew does, and use it under kubectl
	go test -count=1 -tags release ./hack/release

.PHONY: release-twice
release-twice: ## Build the archives of a release twice, and compare the sums
	$(MAKE) release-snapshot
	cp dist/checksums.txt $(BIN)/checksums-of-before.txt
	$(MAKE) release-snapshot
	diff $(BIN)/checksums-of-before.txt dist/checksums.txt && echo "the same bytes twice"

$(GORELEASER):
	GOBIN=$(BIN) go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	mv $(BIN)/goreleaser $@

.PHONY: clean
clean: demo-down ## Remove what was built
	rm -rf $(BIN) dist
