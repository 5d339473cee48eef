.PHONY: run
run:
	cargo run --package sobria -- serve --demo
