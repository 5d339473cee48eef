#!/usr/bin/env bash
# Writes crates/sobria/link-order.txt: the functions that run when a server starts, rests and answers, and when a short
# command runs. The linker puts them side by side, so that what is never called is not read into memory with them.
#
#   benches/link_order.sh [EXECUTABLE]
#
# Without an executable that has kept its names, one is built. Needs valgrind, nm and curl.
# Names that a later version no longer has are passed over by the linker: the list is to be renewed when the toolchain or
# a dependency changed (its version or features rename the functions of every crate above it), and when memory at rest
# has grown.
#
#   benches/link_order.sh --check
#
# says whether the compiler and the libraries, with their features and what each depends on, are still those that the
# list was written for.
set -euo pipefail
cd "$(dirname "$0")/.."
order=crates/sobria/link-order.txt
libraries=$({
    rustc --version
    # What each depends on counts too: it is part of the names of functions.
    cargo tree --package sobria --edges normal,build --prefix depth --format '{p} {f}' | sed 's/ (.*//'
} | cksum | cut -d ' ' -f 1)
if [ "${1:-}" = --check ]; then
    # No other system is linked by it.
    [ "$(uname -sm)" = "Linux x86_64" ] || exit 0
    [ "$(head -n 1 "$order")" = "# libraries $libraries" ] ||
        echo "$order was written for other libraries: run benches/link_order.sh, or the server takes more memory" >&2
    exit
fi
port=8319
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -eq 0 ]; then
    # The same profile as a release: another would inline, and so call, other functions.
    cargo rustc --release --package sobria --bin sobria -- -C strip=none
fi
cp "${1:-target/release/sobria}" "$work/sobria"
cd "$work"
traced() {
    local name=$1
    shift
    valgrind --quiet --tool=callgrind --demangle=no --compress-strings=no --compress-pos=no --dump-line=no \
        --callgrind-out-file="$name.calls" ./sobria "$@" >"$name.out" 2>"$name.err"
}
fixture="$OLDPWD/crates/exchange/tests/fixtures/bibliotheque.csv"
./sobria import use-cases "$fixture" --commit --publish --data data >/dev/null || true
traced 1 measure --quiet -- true
traced 2 estimate llm --provider mistralai --model ministral-14b-2512 --output-tokens 400 --zone FRA
traced 3 serve --data data --listen "127.0.0.1:$port" &
server=$!
until curl -fs "http://127.0.0.1:$port/" >/dev/null; do sleep 1; done
page=$(curl -fs "http://127.0.0.1:$port/cas-usages")
record=$(grep -o '/cas-usages/[a-z0-9-]*' <<<"$page" | head -1)
for address in / /cas-usages '/cas-usages?q=fuites+d%27eau' '/cas-usages?q=nettoyage+batimnet' \
    '/cas-usages?theme=transition&maturite=experimentation' '/cas-usages?vue=tableau' '/cas-usages?vue=carte' \
    "$record" /organisations /contexte /donnees /modele-de-donnees /aide /estimer /estimer/ia-generative /connexion \
    /contribuer '/api/v1/use-cases?q=eau' /sitemap.xml /rien $(grep -o '"/[^"]*\.\(css\|js\|svg\)[^"]*"' <<<"$page" | tr -d '"'); do
    curl -s --compressed --max-time 120 "http://127.0.0.1:$port$address" >/dev/null
done
# The jobs of a first start, and a few periods of rest.
sleep 40
pkill -TERM -P "$server"
wait "$server" || true
traced 4 import use-cases "$fixture" --commit --publish --data other || true
traced 5 export use-cases --data data || true

nm sobria | awk '{print $3}' | sort -u >known
{
    echo "# libraries $libraries"
    cat ?.calls | sed -n "s/^fn=\(([0-9]*) \)\?//p" | sed "s/'[0-9]*$//" | awk '!seen[$0]++' |
        awk 'NR == FNR {known[$0] = 1; next} $0 in known' known -
} >"$OLDPWD/$order"
wc -l "$OLDPWD/$order"
