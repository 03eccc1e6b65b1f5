#!/bin/sh
# Prepare .venv for the Makefile: `install.sh sandbox` or `install.sh dev`, which contains it.
# Does nothing, at once, while the list is the one that was installed last.
set -eu

cd "$(dirname "$0")/.."
wanted=$1
venv=.venv

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

usable() {
    recent "$venv/bin/python" && "$venv/bin/python" -c 'import pip' 2>/dev/null
}

installed() {
    cmp -s "requirements/$1.txt" "$venv/.installed-$1"
}

if installed "$wanted" || installed dev; then
    recent "$venv/bin/python" && exit 0
fi

if ! usable; then
    found=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        recent "$candidate" || continue
        found=${found:-$candidate}
        # Debian and Ubuntu ship Python without what makes environments.
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    [ -n "$found" ] || fail "Il faut Python 3.11 ou plus récent." \
        "Installez-le (Debian, Ubuntu : apt install python3 python3-venv), puis recommencez."
    [ -n "${python:-}" ] || fail "Il manque à $found de quoi faire un environnement." \
        "Installez-le (Debian, Ubuntu : apt install $(basename "$found")-venv), puis recommencez."
    echo "Python : création de l’environnement $venv…"
    "$python" -m venv --clear "$venv"
fi

echo "Python : installation des paquets de requirements/$wanted.txt (une à deux minutes)…"
"$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes \
    -r "requirements/$wanted.txt" ||
    fail "" "L’installation des paquets a échoué, la raison est ci-dessus. Recommencez ensuite."
cp "requirements/$wanted.txt" "$venv/.installed-$wanted"
