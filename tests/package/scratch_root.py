"""The package, built from a finished build, and Debians that hold it and what it depends on."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def build_package(build):
    """Its path."""
    output(ROOT / "tools/package", build)
    deb, = (ROOT / "build").glob("weir_*.deb")
    return deb


def install(deb, root, *packages):
    """A minimal Debian 12 in the folder `root`."""
    output("mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}",
           f"--customize-hook=copy-in {deb} /",
           f'--customize-hook=chroot "$1" apt-get install -y --no-install-recommends /{deb.name}',
           "--skip=cleanup/apt/lists", "bookworm", root, timeout=400)
