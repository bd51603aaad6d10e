"""Debian's own kernels, from the archive that the machine's apt uses, checked by apt against Debian's keys.

Nothing is installed and apt's own state is not touched: lists, packages and what is unpacked lie in the folder given.
"""
import lzma
import pathlib
import re
import shutil
import subprocess
import time

ARCHIVE = "http://deb.debian.org/debian"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = ("bookworm", "bookworm-backports", "bookworm-security")
METAPACKAGE = "linux-image-cloud-amd64"
FRESH_SECONDS = 24 * 3600  # so long nobody asks the archive for a newer one
# Hooks such as those of container images belong to the machine's own lists.
APT_CONF = """
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{folder}/state";
Dir::Cache "{folder}/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
"""
# What a network test or a disk may ask for; the rest of a kernel's modules would only make the guest's memory larger.
MODULES = ("net", "drivers/block", "drivers/net", "drivers/virtio", "lib", "crypto")


def fetch(series, folder):
    """Brings the newest kernel of `series` ("6.1") into folder: `vmlinuz`, `modules/`, `release`. Returns its release. Apt's
    lists lie beside it; one process at a time."""
    release, parts = folder / "release", folder / "parts"
    if not parts.exists() or parts.read_text() != " ".join(MODULES):  # kept from a time when fewer modules were wanted
        release.unlink(missing_ok=True)
    if release.exists() and time.time() - release.stat().st_mtime < FRESH_SECONDS:
        return release.read_text()
    try:
        apt = Apt(folder.parent / "apt")
        package, version = apt.newest(series)
        name = package.removeprefix("linux-image-")
        if not release.exists() or release.read_text() != name:
            unpack(apt.download(package, version), name, folder)
    except (LookupError, subprocess.CalledProcessError) as error:
        if not release.exists():
            raise
        print(f"{series}: no newer one to be had ({error})")
    else:
        release.write_text(name)
        parts.write_text(" ".join(MODULES))
    return release.read_text()


class Apt:
    """apt-get and apt-cache with lists of their own."""

    def __init__(self, folder):
        self._folder = folder
        for name in ("state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._conf = folder / "apt.conf"
        self._conf.write_text(APT_CONF.format(folder=folder))
        self._update()

    def newest(self, series):
        """Package and version of the newest kernel of that series; LookupError if the archive has none."""
        stanzas = self._run("apt-cache", "show", METAPACKAGE)  # the newest version first
        found = re.search(rf"^Depends: (linux-image-{re.escape(series)}\.\S+) \(= (\S+)\)$", stanzas, re.M)
        if not found:
            raise LookupError(f"{METAPACKAGE} knows no kernel {series}")
        return found.groups()

    def download(self, package, version):
        for old in self._folder.glob("*.deb"):
            old.unlink()
        self._run("apt-get", "download", f"{package}={version}", cwd=self._folder)
        deb, = self._folder.glob("*.deb")
        return deb

    def _update(self):
        """From where the machine's own sources point; a mirror that lacks a suite is passed over for Debian's."""
        for mirrors in (machine_mirrors(), {}):
            lines = (f"deb [arch=amd64 signed-by={KEYS}] {mirrors.get(suite) or default_mirror(suite)} {suite} main\n"
                     for suite in SUITES)
            (self._folder / "sources.list").write_text("".join(lines))
            try:
                return self._run("apt-get", "update", "--error-on=any")
            except subprocess.CalledProcessError as error:
                failure = error
        raise failure

    def _run(self, program, *arguments, **options):
        return output(program, "-qq", "-c", self._conf, *arguments, **options)


def default_mirror(suite):
    return ARCHIVE + ("-security" if suite.endswith("-security") else "")


def machine_mirrors():
    """Where the machine's own apt takes each suite from; backports lie beside bookworm."""
    rows = output("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages")
    mirrors = {}
    for release, component, uri in map(str.split, rows.splitlines()):
        if release in SUITES and component == "main":
            mirrors.setdefault(release, uri)
    if "bookworm" in mirrors:
        mirrors.setdefault("bookworm-backports", mirrors["bookworm"])
    return mirrors


def unpack(deb, release, folder):
    scratch = folder / "unpacked"
    shutil.rmtree(scratch, ignore_errors=True)
    output("dpkg-deb", "-x", deb, scratch)
    shutil.copy(scratch / f"boot/vmlinuz-{release}", folder / "vmlinuz")
    shutil.rmtree(folder / "modules", ignore_errors=True)
    install_modules(scratch / "lib/modules" / release, folder / "modules/usr/lib/modules" / release)
    output("depmod", "-b", folder / "modules/usr", release)
    shutil.rmtree(scratch)


def install_modules(source, target):
    """Uncompressed: busybox's modprobe cannot read what newer kernels' are packed with."""
    for module in (path for part in MODULES for path in (source / "kernel" / part).rglob("*.ko*")):
        to = target / module.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        data = module.read_bytes()
        to.with_name(to.name.removesuffix(".xz")).write_bytes(lzma.decompress(data) if to.suffix == ".xz" else data)
    for table in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(source / table, target)


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        print(" ".join(map(str, command)), done.stdout, done.stderr, sep="\n")
        done.check_returncode()
    return done.stdout
