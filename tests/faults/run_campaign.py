#!/usr/bin/python3
"""Run the fault campaign and print its summary; exit 1 when a promise broke.

    run_campaign.py [--rounds 15] [--seed N] [--first K] [--cluster]
"""
import argparse
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "runs"), str(HERE.parent / "cluster")]
from campaign import Campaign, Host  # noqa: E402


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=None, help="default: the time")
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--cluster", action="store_true",
                        help="on the three-node Slurm of tests/cluster")
    return parser.parse_args()


def make_host(asked):
    if not asked.cluster:
        return Host()
    from cluster import Cluster  # needs root, Slurm and network namespaces
    return Cluster()


def main():
    asked = options()
    seed = asked.seed if asked.seed is not None else int(time.time())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attest-campaign-"))
    print(f"campaign: seed {seed}, rounds {asked.first} to {asked.first + asked.rounds - 1}",
          flush=True)
    host = make_host(asked)
    try:
        campaign = Campaign(folder, seed, host)
        fine = campaign.run(asked.rounds, asked.first)
    finally:
        host.close()
    print(campaign.tally.summary())
    if fine:
        shutil.rmtree(folder)
    else:
        print(f"the folders of failed rounds are left in {folder}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
