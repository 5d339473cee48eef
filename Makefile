# `make run` needs Rust and nothing else. `make test` installs what the tests need, if it is absent.
.PHONY: run test check fmt lint unit browser doc release bless

run:
	cargo run --quiet --package sobria -- serve --demo

test:
	tests/run all

# Everything but the browser journeys.
check:
	tests/run fmt lint unit

fmt lint unit browser doc:
	tests/run $@

release:
	cargo build --release --package sobria
	@benches/link_order.sh --check

# Accepts the new snapshots of exports after they were read.
bless:
	INSTA_UPDATE=always cargo test --workspace
