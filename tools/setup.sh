# What a plain Debian 12 lacks, in one place. Sourced by tools/run, tools/test and tools/package.

readonly BUILD_PACKAGES=(
  bpftool clang cmake g++ libbpf-dev libcli11-dev libcsv-dev libcurl4-openssl-dev libeigen3-dev libelf-dev libexpected-dev libfmt-dev
  libmicrohttpd-dev libmnl-dev libpcap-dev libprotobuf-dev libre2-dev libspdlog-dev libsystemd-dev libyaml-cpp-dev linux-libc-dev nettle-dev ninja-build
  nlohmann-json3-dev pkg-config protobuf-compiler python3 zlib1g-dev
)
readonly LAB_PACKAGES=(
  bind9-dnsutils bpftool curl dnsmasq-base iperf3 iproute2 iputils-ping nftables nginx nmap procps python3 util-linux
)
readonly OFFICE_PACKAGES=(  # the lab with --inject or --record
  chrony dovecot-imapd dovecot-pop3d ethtool hping3 ncat openssh-client openssh-server openssl python3-aiosmtpd python3-impacket python3-pyftpdlib
  redis-server smbclient snmpd tcpdump
)
readonly CATALOGUE_PACKAGES=(  # attackers' tools
  apache2-utils dirb dns2tcp dnsperf dnsrecon ffuf fierce fping gobuster hydra ike-scan iodine masscan medusa nbtscan ncrack netcat-openbsd
  onesixtyone patator ptunnel-ng redis-tools siege sipvicious slowhttptest snmp socat sqlmap sshpass sslscan swaks wapiti wfuzz whatweb zmap
)
readonly TEST_PACKAGES=(
  "${BUILD_PACKAGES[@]}" "${LAB_PACKAGES[@]}" "${OFFICE_PACKAGES[@]}"
  autopkgtest binutils buildah busybox-static ccache clang-format clang-tidy libclang-rt-14-dev debhelper dpkg-dev ethtool fakeroot libbenchmark-dev libgtest-dev
  lintian man-db mandoc mmdebstrap piuparts kmod podman podman-compose prometheus prometheus-alertmanager python3-dev
  python3-venv qemu-system-x86 runc strace systemd systemd-container vagrant
)

# The programs that Debian's packages install, not what somebody's PATH puts before them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

say() { printf '\n== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$2" >&2
  exit "$1"
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die 77 "needs root: sudo tools/$(basename "$0")"
}

# install_packages PACKAGE...: asks apt for those that are missing, and says so.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  need_root
  say "installing ${missing[*]}"
  apt-get update -qq || die 1 "apt-get update failed: check the network and /etc/apt/sources.list"
  without_services apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die 1 "apt-get could not install ${missing[*]}"
}

# nginx's package starts a web server on port 80 of the machine; all that is wanted is the program. Whoever has a policy
# of his own keeps it.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then
    DEBIAN_FRONTEND=noninteractive "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  DEBIAN_FRONTEND=noninteractive "$@" || status=$?
  rm -f "$policy"
  trap - EXIT
  return "$status"
}

# build_sensor [TARGET]: the release binary alone, or what is made with it. Tests need more packages: a build tree that has them
# keeps them, a new one does without.
build_sensor() {
  local tests=(-DWEIR_TESTS=OFF)
  [ ! -e build/release/CMakeCache.txt ] || tests=()
  configure_preset release "${tests[@]}" && cmake --build --preset release --target "${1:-weir}"
}

# build_preset NAME TARGET [OPTION...]: configure and compile.
build_preset() {
  configure_preset "$1" "${@:3}" && cmake --build --preset "$1" --target "$2"
}

# configure_preset NAME [OPTION...]: quiet unless it fails.
configure_preset() {
  local launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake --preset "$1" "${launcher[@]}" "${@:2}" >"build/$1.configure.log" 2>&1 || {
    cat "build/$1.configure.log"
    return 1
  }
}
