# Everything that a change goes through. `make test` is what README tells a new user.

GO      ?= go
FUZZ    ?= 10s

.PHONY: all build test race lint bench fuzz parity docs

all: lint test build

build: ## the static binary
	CGO_ENABLED=0 $(GO) build -trimpath -o rumpscript ./cmd/rumpscript

test: ## all tests; those which need a rump_server, an engine or QEMU skip where there is none
	$(GO) test ./...

race:
	$(GO) test -race ./...

lint: ## vet, staticcheck, gofmt and the module file
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	$(GO) mod tidy -diff

bench: ## benchmarks next to their floors, in one run
	$(GO) test -run '^$$' -bench . -benchmem ./sysproxy

fuzz: ## each fuzz target for FUZZ
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz'); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ) $$pkg || exit 1; \
		done; \
	done

docs: ## the documents that are made of the reference
	$(GO) run ./cmd/rumpscript doc --markdown > docs/reference.md
	$(GO) run ./cmd/rumpscript doc --stub > docs/rumpscript.pyi

parity: ## how much of what a real kernel printed does the fake print?
	$(GO) test -count=1 -v -run Parity ./fakeserver ./testscripts
