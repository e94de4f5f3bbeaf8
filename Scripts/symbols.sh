#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What Scripts/docs and Scripts/api share: the libraries' public declarations, as symbol graphs. Sourced after lib.sh, not run.
# shellcheck disable=SC2154  # variables of lib.sh

# The modules that others link: the libraries of Package.swift, one a line.
library_modules() {
    sed -n 's/.*\.library(name: "\([A-Za-z]*\)".*/\1/p' "$repository/Package.swift"
}

# Builds the package and writes what its libraries declare in public, as symbol graphs: extract_symbol_graphs FOLDER. There
# is a folder in it for each module then.
extract_symbol_graphs() {
    local module map log=$temporary_folder/extract.log
    local -a options
    run_to_end swift build >"$log" 2>&1 || { cat "$log" >&2; fail "the build failed; see above"; }
    options=(-target "$(swift -print-target-info | sed -n 's/.*"triple": "\(.*\)".*/\1/p' | head -n 1)")
    options+=(-I "$repository/.build/debug/Modules")
    while IFS= read -r map; do
        options+=(-I "$(dirname "$map")")
    done < <(find -L "$repository/Sources" "$repository/.build/checkouts" -name module.modulemap)
    [ "$(uname -s)" != Darwin ] || options+=(-sdk "$(xcrun --show-sdk-path)")
    rm -rf "$1"
    for module in $(library_modules); do
        mkdir -p "$1/$module"
        run_to_end swift symbolgraph-extract -module-name "$module" "${options[@]}" -minimum-access-level public \
            -skip-synthesized-members -emit-extension-block-symbols -output-dir "$1/$module" >"$log" 2>&1 ||
            { cat "$log" >&2; fail "no symbol graph of $module; see above"; }
    done
}
