# The two commands of the README are `make run` and `make test`. All outputs are below one cache folder.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kubectl-bootstrap-token
export CARGO_TARGET_DIR ?= $(CACHE)/target
RELEASE = "$(CARGO_TARGET_DIR)/release"
WITH_CLUSTER := tests/control-plane/with-cluster
REGISTRY_TOOLS := tests/registry/build
MDBOOK := $(CACHE)/book-tools/bin/mdbook
MDBOOK_VERSION := 0.5.4
DIST_TARGETS := $(shell cut -d' ' -f1 deploy/release/targets)
QUICK := tidy cli contract audit releases discovery tasks verdicts secrets

# Always the whole workspace: another selection of packages means other features, and so a second build of the WebAssembly engine.

.PHONY: run test test-quick build sealed dist test-dist lint bench setup unit test-cluster canary releases judges archive test-registry publish fmt docs

# Applies the phase to a folder of manifests, with the release binary; needs no cluster.
run: setup
	cargo build --locked --release --package kubectl-bootstrap-token
	examples/demo/run "$(CARGO_TARGET_DIR)/release/kubectl-bootstrap_token"

# Every rung.
test: unit test-cluster test-registry

# What needs no cluster.
unit: setup
	cargo test --locked --workspace

# While you write: the lints, and what decides, without the attacks and what needs other programs.
test-quick: setup
	cargo fmt --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo test --locked --workspace --lib $(QUICK:%=--test %)

# The real kubeadm, kubectl and API server beside us, in five parts with a control plane each.
test-cluster: setup
	cargo test --locked --workspace --test cluster --no-run
	$(WITH_CLUSTER) --clusters 5 -- cargo test --locked --workspace --test cluster

# Of the same, only the walk through all that a phase can say, with every command and format. As root: it takes the names of hosts.
canary: setup
	cargo test --locked --workspace --test cluster --no-run
	$(WITH_CLUSTER) cargo test --locked --workspace --test cluster -- --include-ignored canary

# Records what the real kubeadm of each release in tests/releases/versions makes, of those that have no record. Builds each, some minutes.
releases: setup
	cargo test --locked --workspace --test cluster --no-run
	$(WITH_CLUSTER) cargo test --locked --workspace --test cluster -- --include-ignored releases::record

# Has the real kubeadms judge all files of tests/cluster/verdicts anew, and the SIG's library, Cluster API and Argo CD the inventories of
# tests/inventory, and records it. Ten minutes.
judges: setup
	cargo test --locked --workspace --test cluster --no-run
	JUDGES=1 $(WITH_CLUSTER) cargo test --locked --workspace --test cluster -- verdicts
	cd tests/inventory && GOWORK=off go run . >expected.json
	for of in capi argocd; do (cd tests/inventory/secrets/$$of && GOWORK=off go run . >../$$of.json) || exit; done

# Builds the components of a contract that tests/contract/archive does not have yet: make archive CONTRACT=0.1.0
archive: setup
	tests/contract/archive/add "$(CONTRACT)"

# A real registry, with cosign, oras and wkg beside us, and a cluster for what comes from it.
test-registry: setup
	$(REGISTRY_TOOLS) >/dev/null
	cargo test --locked --workspace --test registry --no-run
	REGISTRY_TOOLS=$$($(REGISTRY_TOOLS)) $(WITH_CLUSTER) cargo test --locked --workspace --test registry

# A phase from its first line to a cluster that runs it: written, tested, published, signed, pulled and applied.
publish: build
	$(REGISTRY_TOOLS) >/dev/null
	REGISTRY_TOOLS=$$($(REGISTRY_TOOLS)) examples/publish/run "$(CARGO_TARGET_DIR)/release/kubectl-bootstrap_token"

# kubeadm, a bare program with the same requests, and us in turn on one control plane; writes docs/benchmarks.md.
bench: setup
	cargo build --locked --release --package kubectl-bootstrap-token --package bench-bare
	$(WITH_CLUSTER) tests/bench/compare $(RELEASE)/kubectl-bootstrap_token $(RELEASE)/bench-bare >docs/benchmarks.md
	$(WITH_CLUSTER) tests/bench/scale $(RELEASE)/kubectl-bootstrap_token >>docs/benchmarks.md
	tests/bench/released $(RELEASE)/kubectl-bootstrap_token

# The book, in the folder `book` of the cache; fails on a broken link. Builds mdBook the first time, some minutes.
docs: setup
	"$(MDBOOK)" --version 2>/dev/null | grep -qF "v$(MDBOOK_VERSION)" || \
		env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$(CACHE)/book-tools" --version "$(MDBOOK_VERSION)" mdbook
	tests/book/site "$(MDBOOK)" "$(CACHE)/book"
	@echo "the book: $(CACHE)/book/docs/index.html"

build: setup
	cargo build --locked --release --package kubectl-bootstrap-token

# Without a compiler, WASI and registries: it runs the phase in it, and no other. A build of its own: its engine has other features.
sealed: setup
	cargo build --locked --profile sealed --package kubectl-bootstrap-token --no-default-features --features sealed

# The archives of a release, their checksums and the manifest for krew, in $(CACHE)/dist; RELEASE_URL is where they will be. TARGETS are some
# of deploy/release/targets, otherwise all. An hour the first time.
dist: setup
	rustup target add $(DIST_TARGETS) >/dev/null 2>&1 || rustup target list --installed
	deploy/release/dist "$(CACHE)/dist" $(TARGETS)

# Judges these archives: runs what runs here, and has the real krew install them with the real kubectl.
test-dist:
	deploy/release/check "$(CACHE)/dist"

lint: setup
	cargo fmt --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo clippy --locked --workspace --all-targets --no-default-features --features foreign -- --deny warnings
	cargo clippy --locked --package kubectl-bootstrap-token --all-targets --no-default-features --features sealed -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps --document-private-items

fmt:
	cargo fmt

# Compilers and targets that rust-toolchain.toml names; where rustup does not install them by itself, this does.
setup:
	@rustup toolchain install --no-self-update >/dev/null 2>&1 || rustup show active-toolchain
	@rustup target add wasm32-wasip2 wasm32-unknown-unknown >/dev/null 2>&1 || rustup target list --installed
