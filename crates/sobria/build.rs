//! How the executable is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link-order.txt");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    let pass = |option: &str| println!("cargo::rustc-link-arg-bins=-Wl,{option}");
    // Addresses to correct at the start of each process take two megabytes of the file as a table, a tenth of that
    // packed. Linkers that do not know the option say so and leave it.
    pass("-z,pack-relative-relocs");
    // What runs stands side by side: of a file, the system holds what is near to what is called. Only the linker that
    // the toolchain brings for this machine is known to understand this, and flags may name another.
    let brings_lld = is("CARGO_CFG_TARGET_ARCH", "x86_64") && is("CARGO_ENCODED_RUSTFLAGS", "");
    if brings_lld
        && is("PROFILE", "release")
        && let Ok(folder) = env::var("CARGO_MANIFEST_DIR")
        // A comma would part the option in two.
        && !folder.contains(',')
    {
        pass(&format!("--symbol-ordering-file={folder}/link-order.txt"));
        // A name that this version no longer has is no error.
        pass("--no-warn-symbol-ordering");
    }
}
