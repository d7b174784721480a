#!/usr/bin/python3
"""Run the fault campaign and print its summary; exit 1 when a promise broke.

    run_campaign.py [--rounds 15] [--seed N] [--first K]
"""
import argparse
import pathlib
import shutil
import sys
import tempfile
import time

from campaign import Campaign, Host


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=None, help="default: the time")
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    return parser.parse_args()


def main():
    asked = options()
    seed = asked.seed if asked.seed is not None else int(time.time())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attest-campaign-"))
    print(f"campaign: seed {seed}, rounds {asked.first} to {asked.first + asked.rounds - 1}",
          flush=True)
    campaign = Campaign(folder, seed, Host())
    fine = campaign.run(asked.rounds, asked.first)
    print(campaign.tally.summary())
    if fine:
        shutil.rmtree(folder)
    else:
        print(f"the folders of failed rounds are left in {folder}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
