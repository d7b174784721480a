"""One fault at a time: lost ranks, poison, full disks, locks, damaged journals.

Each test says what is left, what is said, and with which code the program
ends; nearly all go on afterwards and compare with an undisturbed run.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

import processes
from fault_case import SLEEP, FaultCase
from harness import MPIRUN, PROBE, column, end

POISON = """\
  - name: poison
    construction: probe
    grid: {i: 1000, what: %s, seconds: %s}
"""


class Ranks(FaultCase):
    """A rank that dies costs what it was computing, where the launcher lets the others live."""

    RECOVERY = (MPIRUN, "--enable-recovery", "-n", "3")

    def lose(self, signals, n_ranks=3):
        """Kill ranks n-1, n-2, ... after 20 rows; the run finishes without them."""
        study = self.study(SLEEP % (1, 299, 0.01))
        self.run_probe(study, "-o", "whole", "--lanes", "2")
        process = self.launch(study, "-o", "run", "--lost-after", "2s",
                              launcher=(*self.RECOVERY[:3], str(n_ranks)))
        self.wait_for_journal(20)
        for i, number in enumerate(signals):
            self.kill("rank", n_ranks - 1 - i, number)
        process.wait(timeout=60)
        status = self.status("run")
        self.assertEqual((status["exit_code"], status["over"], status["lost_ranks"]),
                         (0, 300, len(signals)), self.said())
        self.assert_same_science("whole", "run")
        self.assert_each_row_once()
        for i in range(len(signals)):
            self.assertRegex(self.said(), rf"rank {n_ranks - 1 - i} on \S+ \(pid \d+\) is lost: "
                                          "not heard of for")
        self.assertIn(f"{len(signals)} ranks lost", self.attest("status", "run").stdout)
        self.assertEqual(processes.wait_until_gone(self.mark, 30), [])

    def test_a_killed_worker_costs_its_tasks_in_flight(self):
        self.lose([signal.SIGKILL])

    def test_a_worker_that_crashed_costs_its_tasks_in_flight(self):
        self.lose([signal.SIGSEGV])

    def test_two_lost_workers_do_not_hang_the_end(self):
        # MPI_Finalize hangs on two dead peers: it must not be called
        self.lose([signal.SIGKILL, signal.SIGKILL], n_ranks=4)

    def test_a_suspended_worker_is_given_up_and_comes_back(self):
        study = self.study(SLEEP % (1, 999, 0.01))
        process = self.launch(study, "-o", "run", "--lost-after", "2s",
                              launcher=(MPIRUN, "-n", "3"))
        self.wait_for_journal(20)
        victim = self.kill("rank", 2, signal.SIGSTOP)
        self.wait_for(lambda: "is lost" in self.said(), "the loss")
        processes.send(victim, signal.SIGCONT)
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertRegex(self.said(), r"rank 2 on \S+ is back")
        self.assert_each_row_once()
        self.attest("verify", "run", program=PROBE)

    def test_a_lost_zygote_is_a_rank_that_says_good_bye(self):
        study = self.study(SLEEP % (1, 299, 0.01))
        process = self.launch(study, "-o", "run", launcher=(MPIRUN, "-n", "3"))
        self.wait_for_journal(20)
        self.kill("zygote", 1)
        self.assertEqual(process.wait(timeout=60), 0, self.said())
        self.assertEqual(self.status("run")["lost_ranks"], 1)
        self.assert_each_row_once()

    def without_recovery(self, rank):
        """mpirun ends the job; the rows are there; resuming computes the rest."""
        study = self.study(SLEEP % (1, 299, 0.01))
        self.run_probe(study, "-o", "whole", "--lanes", "2")
        process = self.launch(study, "-o", "run", launcher=(MPIRUN, "-n", "3"))
        self.wait_for_journal(20)
        self.kill("rank", rank)
        self.assertNotEqual(process.wait(timeout=60), 0)
        self.assertEqual(processes.wait_until_gone(self.mark, 30), [])
        kept = len(self.rows())
        done = self.run_probe(study, "-o", "run", "--lanes", "2")
        self.assertIn(f"300 planned: {kept} kept, {300 - kept} new", done.stderr)
        self.assert_same_science("whole", "run")
        self.assert_each_row_once()

    def test_without_recovery_a_lost_worker_ends_the_job_and_resume_goes_on(self):
        self.without_recovery(2)

    def test_without_recovery_a_lost_coordinator_ends_the_job_and_resume_goes_on(self):
        self.without_recovery(0)

    def test_a_rank_that_dies_while_it_starts_does_not_hang_the_others(self):
        # MPI_Init waits for it for ever
        study = self.study(SLEEP % (1, 99, 0.01))
        process = self.launch(study, "-o", "run", "--lost-after", "2s", launcher=self.RECOVERY)
        self.wait_for(lambda: any(p.kind == "rank" and p.rank == 2
                                  for p in processes.marked(self.mark)), "rank 2")
        self.kill("rank", 2)
        process.wait(timeout=60)
        self.assertIn("the ranks did not find each other", self.said())
        self.assertEqual(processes.wait_until_gone(self.mark, 30), [])
        self.run_probe(study, "-o", "run", "--lanes", "2")

    def test_workers_without_a_coordinator_end(self):
        study = self.study(SLEEP % (1, 9999, 0.01))
        process = self.launch(study, "-o", "run", "--lost-after", "2s", launcher=self.RECOVERY)
        self.wait_for_journal(20)
        self.kill("rank", 0)
        process.wait(timeout=120)
        self.assertIn("rank 0 was not heard of", self.said())
        self.assertEqual(processes.wait_until_gone(self.mark, 30), [])


class Poison(FaultCase):
    """A task that kills what computes it is recorded, and the study goes on."""

    def test_a_task_that_kills_its_lane_is_recorded_with_signal_and_phase(self):
        study = self.study(SLEEP % (2, 49, 0.002) + POISON % ("segv", 0))
        self.run_probe(study, "-o", "run", "--lanes", "2", expect=3)
        store = self.dir / "run" / "results.h5"
        self.assertRegex(column(store, "poison", "message")[0],
                         r"^crashed \(SIGSEGV\) in phase build")
        self.assertEqual(column(store, "poison", "attempt")[0], 3)
        self.assertEqual(column(store, "poison", "status")[0], 4)
        # never again, unless asked for
        again = self.run_probe(study, "-o", "run", expect=3)
        self.assertIn("51 kept, 0 new", again.stderr)

    def test_a_task_that_kills_its_rank_is_recorded_with_the_last_heartbeat(self):
        study = self.study(SLEEP % (1, 99, 0.01) + POISON % ("regicide", 1.5))
        process = self.launch(study, "-o", "run", "--lost-after", "2s", "--coordinator",
                              "dedicated", launcher=(MPIRUN, "--enable-recovery", "-n", "4"))
        process.wait(timeout=60)
        status = self.status("run")
        self.assertEqual((status["lost_ranks"], status["exit_code"]), (2, 3), self.said())
        store = self.dir / "run" / "results.h5"
        self.assertRegex(column(store, "poison", "message")[0],
                         r"^crashed \(rank [123] was lost: not heard of for \d+ s\) "
                         "in phase build")
        self.assertEqual(column(store, "poison", "attempt")[0], 2)
        self.assertTrue((column(store, "probe", "status") == 0).all())


    def test_a_task_that_kills_its_rank_at_once_is_found_among_all_that_was_there(self):
        study = self.study(SLEEP % (1, 199, 0.02) + POISON % ("regicide", 0))
        process = self.launch(study, "-o", "run", "--lost-after", "2s", "--coordinator",
                              "dedicated", launcher=(MPIRUN, "--enable-recovery", "-n", "5"))
        process.wait(timeout=120)
        status = self.status("run")
        self.assertEqual(status["exit_code"], 3, self.said())
        self.assertIn(status["lost_ranks"], (2, 3))  # a heartbeat may have known the first time
        store = self.dir / "run" / "results.h5"
        self.assertRegex(column(store, "poison", "message")[0], r"^crashed \(rank [1234] was lost")
        self.assertEqual(column(store, "poison", "attempt")[0], 2)
        self.assertTrue((column(store, "probe", "status") == 0).all())
        self.assert_each_row_once()


class Disk(FaultCase):
    """A full disk, a disk that cannot sync, a folder that cannot be written."""

    def setUp(self):
        super().setUp()
        self.disk = self.dir / "disk"
        self.disk.mkdir()
        self.study_path = self.study(SLEEP % (1, 499, 0))
        self.run_probe(self.study_path, "-o", "whole", "--lanes", "2")

    def mount(self, *options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", self.disk],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)

    def remount(self, *options):
        subprocess.run(["mount", "-o", ",".join(("remount",) + options), self.disk], check=True)

    def fill(self, leave):
        """A file that leaves so many bytes."""
        free = os.statvfs(self.disk)
        (self.disk / "filler").write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - leave)))

    def goes_on(self):
        kept = len(self.rows("disk/run"))
        done = self.run_probe(self.study_path, "-o", "disk/run")
        self.assertEqual(self.status("disk/run")["kept"], kept, done.stderr)
        self.assert_same_science("whole", "disk/run")
        self.assert_each_row_once("disk/run")
        self.attest("verify", "disk/run", program=PROBE)
        return kept

    def test_a_disk_that_fills_while_rows_are_appended(self):
        self.mount("size=96k")
        done = self.run_probe(self.study_path, "-o", "disk/run", expect=1)
        self.assertRegex(done.stderr, "cannot append to .*journal, whose acknowledged rows are "
                                      "safe: No space left on device")
        report = self.attest("verify", "disk/run", program=PROBE, expect=None).stdout
        self.assertNotIn("damaged", report)
        self.remount("size=16m")
        self.assertGreater(self.goes_on(), 0)

    def test_a_disk_that_is_full_at_the_start(self):
        self.mount("size=96k")
        self.fill(0)
        done = self.run_probe(self.study_path, "-o", "disk/run", expect=1)
        self.assertIn("No space left on device", done.stderr)
        (self.disk / "filler").unlink()
        self.remount("size=16m")
        self.goes_on()

    def test_a_disk_that_fills_while_the_store_is_written(self):
        self.mount("size=16m")
        self.run_probe(self.study_path, "-o", "disk/run")
        store = self.disk / "run" / "results.h5"
        before = store.read_bytes()
        self.fill(24 * 1024)
        done = self.run_probe(self.study_path, "-o", "disk/run", expect=1)
        self.assertRegex(done.stderr, r"results\.h5\.\d+\.tmp': No space left on device\n")
        self.assertEqual(store.read_bytes(), before)  # readers still find the last whole one
        self.assertEqual(list(self.disk.rglob("*.tmp")), [])
        (self.disk / "filler").unlink()
        self.goes_on()

    def test_a_disk_that_cannot_sync(self):
        preloaded = {"LD_PRELOAD": os.environ["FAIL_SYNC"], "FAIL_SYNC_AFTER": "1",
                     "ASAN_OPTIONS": "verify_asan_link_order=0"}  # in a build with sanitizers
        done = self.run_probe(self.study(SLEEP % (1, 499, 0.004)), "-o", "run", "--lanes", "1",
                              expect=1, env=preloaded)
        self.assertRegex(done.stderr, "cannot sync .*journal: its newest rows may be lost in a "
                                      "power cut, .*: No space left on device")
        kept = len(self.rows())
        self.assertGreater(kept, 0)
        done = self.run_probe("study.yaml", "-o", "run")
        self.assertIn(f"{kept} kept", done.stderr)
        self.assert_each_row_once()

    def test_a_folder_that_cannot_be_written_can_be_read(self):
        self.mount("size=16m")
        self.run_probe(self.study_path, "-o", "disk/run")
        self.remount("ro")
        done = self.run_probe(self.study_path, "-o", "disk/run", expect=1)
        self.assertRegex(done.stderr, "disk/run.*: Read-only file system")
        done = self.run_probe(self.study_path, "-o", "disk/new", expect=1)
        self.assertIn("cannot create the folder disk/new: Read-only file system", done.stderr)
        for words in (("status", "disk/run"), ("show", "disk/run"), ("check", "disk/run"),
                      ("verify", "disk/run"), ("diff", "whole", "disk/run")):
            self.attest(*words, program=PROBE)


class Locks(FaultCase):
    """Two coordinators on one folder; a holder that is gone."""

    def half_done(self):
        """A run that was killed after some rows; the text of its lock."""
        study = self.study(SLEEP % (1, 299, 0.01))
        self.launch(study, "-o", "run", "--lanes", "2")
        self.wait_for_journal(20)
        processes.end_all(self.mark)
        return self.dir / "run" / "lock"

    def goes_on(self, why):
        kept = len(self.rows())
        done = self.run_probe("study.yaml", "-o", "run", "--lanes", "2")
        self.assertIn(f"{kept} kept", done.stderr)
        self.assertRegex((self.dir / "run" / "log").read_text(),
                         f"lock taken over from host .*: {why}")
        self.assert_each_row_once()
        self.attest("verify", "run", program=PROBE)

    def test_a_living_holder_is_named_with_its_last_heartbeat(self):
        study = self.study(SLEEP % (1, 299, 0.05))
        process = self.launch(study, "-o", "run", "--lanes", "2")
        self.wait_for_journal(5)
        done = self.run_probe(study, "-o", "run", expect=1)
        self.assertRegex(done.stderr, rf"run is held by host \S+, pid {process.pid} since .* "
                                      r"\(last heartbeat .* ago\): let it end, or drain it with "
                                      "'attest stop run'")

    def test_a_holder_whose_process_is_gone_is_replaced_at_once(self):
        self.half_done()
        self.goes_on("its process is gone")

    def elsewhere(self, lock):
        """As if another host had taken it: its pid says nothing here."""
        text = lock.read_text()
        text = re.sub(r"^host .*$", "host elsewhere", text, flags=re.M)
        text = re.sub(r"^space .*$", "space another-boot", text, flags=re.M)
        lock.write_text(text)

    def test_a_holder_on_a_host_that_is_gone_is_replaced_after_two_minutes(self):
        lock = self.half_done()
        self.elsewhere(lock)
        done = self.run_probe("study.yaml", "-o", "run", expect=1)
        self.assertIn("run is held by host elsewhere", done.stderr)
        old = time.time() - 121
        os.utime(lock, (old, old))
        self.goes_on("it gave no sign of life")

    def test_a_restarted_job_replaces_itself_at_once(self):
        lock = self.half_done()
        self.elsewhere(lock)
        lock.write_text(re.sub(r"^job .*$", "job 77", lock.read_text(), flags=re.M))
        job = {"SLURM_JOB_ID": "77", "SLURM_RESTART_COUNT": "1"}
        self.run_probe("study.yaml", "-o", "run", "--lanes", "2", env=job)
        self.assertRegex((self.dir / "run" / "log").read_text(),
                         "lock taken over from host elsewhere.*: its job was restarted")

    def test_a_coordinator_that_slept_through_its_replacement_writes_nothing(self):
        study = self.study(SLEEP % (1, 299, 0.01))
        first = self.launch(study, "-o", "run", "--lanes", "2")
        self.wait_for_journal(20)
        sleeper = self.kill("rank", 0, signal.SIGSTOP)
        kept = len(self.rows())
        old = time.time() - 121
        os.utime(self.dir / "run" / "lock", (old, old))
        second = self.launch(study, "-o", "run", "--lanes", "2")
        self.wait_for_journal(kept + 20)
        processes.send(sleeper, signal.SIGCONT)
        self.assertEqual(first.wait(timeout=60), 1)
        self.assertEqual(second.wait(timeout=60), 0)
        self.assertRegex(self.said(), "run was taken over by host .*: this process stops")
        self.assert_each_row_once()
        self.assertEqual(self.status("run")["exit_code"], 0)
        self.attest("verify", "run", program=PROBE)


class Journals(FaultCase):
    """Damage, and journals of another time, as the commands see them."""

    def setUp(self):
        super().setUp()
        self.study_path = self.study(SLEEP % (1, 99, 0))
        self.run_probe(self.study_path, "-o", "whole", "--lanes", "1")
        shutil.copytree(self.dir / "whole", self.dir / "run")
        self.path = self.dir / "run" / "journal"
        self.good = self.path.read_bytes()

    def recovers(self, data, lost, says):
        """verify complains, run says so, computes what is lost, and all is well."""
        self.path.write_bytes(data)
        report = self.attest("verify", "run", program=PROBE, expect=1)
        self.assertRegex(report.stdout + report.stderr, says)
        done = self.run_probe(self.study_path, "-o", "run")
        self.assertRegex(done.stderr, f"journal: .*{says}")
        self.assertIn(f"{100 - lost} kept, {lost} new", done.stderr)
        self.assert_same_science("whole", "run")

    def offset(self, n):
        return self.rows("whole")[n].offset

    def test_a_flipped_byte_costs_its_row(self):
        data = bytearray(self.good)
        data[self.offset(50) + 60] ^= 1
        self.recovers(data, 1, "1 damaged region ")

    def test_a_block_of_zeros_costs_the_rows_it_hit(self):
        data = bytearray(self.good)
        data[self.offset(50):self.offset(53)] = bytes(self.offset(53) - self.offset(50))
        self.recovers(data, 3, "1 damaged region ")

    def test_a_torn_tail_costs_its_row(self):
        self.recovers(self.good[:self.offset(99) + 77], 1, "77 bytes of an unfinished record")

    def test_a_duplicated_tail_costs_nothing(self):
        self.path.write_bytes(self.good + self.good[self.offset(40):])
        done = self.run_probe(self.study_path, "-o", "run")
        self.assertIn("100 kept, 0 new", done.stderr)
        self.assert_same_science("whole", "run")
        report = self.attest("verify", "run", program=PROBE, expect=1)  # it is stray
        self.assertIn("60 copies of records ignored", report.stdout)

    def test_a_journal_cut_to_nothing_computes_everything(self):
        self.path.write_bytes(b"")
        self.run_probe(self.study_path, "-o", "run")
        self.assertEqual(self.status("run")["over"], 100)
        self.assert_same_science("whole", "run")

    def test_a_newer_format_is_refused_and_left_as_it_is(self):
        subprocess.run([os.environ["RESEAL"], self.path, str(self.offset(99)), "2"], check=True)
        newer = self.path.read_bytes()
        for words in (("run", "study.yaml", "-o", "run"), ("show", "run"), ("verify", "run")):
            done = self.attest(*words, program=PROBE, expect=1)
            self.assertRegex(done.stderr, "journal format 2, newer than 1: use a newer attest")
        self.assertEqual(self.path.read_bytes(), newer)

    def test_what_dead_writers_left_is_removed(self):
        run = self.dir / "run"
        (run / "checkpoints").mkdir(exist_ok=True)
        left = [run / "results.h5.4711.tmp", run / "status.json.12.tmp",
                run / "lock.probe.elsewhere.3", run / "checkpoints" / "abc-0.77.tmp"]
        kept = [run / "notes.tmp", run / "results.h5.tmp"]
        for path in left + kept:
            path.write_bytes(b"\x89HDF half a file")
        self.run_probe(self.study_path, "-o", "run")
        self.assertEqual([p.exists() for p in left + kept], [False] * 4 + [True] * 2)
        self.assert_same_science("whole", "run")


class Stores(FaultCase):
    """results.h5 is whole, and never older than it was."""

    def suspend_a_writer(self):
        """`attest store` between reading the journal and renaming its file."""
        for _ in range(20):
            writer = subprocess.Popen([PROBE, "store", "run"], cwd=self.dir,
                                      stdout=subprocess.DEVNULL)
            self.addCleanup(end, writer)
            name = self.dir / "run" / f"results.h5.{writer.pid}.tmp"
            while writer.poll() is None and not name.exists():
                pass
            writer.send_signal(signal.SIGSTOP)
            if name.exists():
                return writer, name
            writer.send_signal(signal.SIGCONT)
            writer.wait()
        return self.fail("no writer could be suspended in time")

    def test_a_writer_that_slept_does_not_replace_a_newer_store(self):
        self.run_probe(self.study(SLEEP % (1, 1999, 0)), "-o", "run")
        writer, temporary = self.suspend_a_writer()
        away = self.dir / "away"  # where a starting run does not tidy it up
        os.link(temporary, away)
        self.run_probe(self.study(SLEEP % (1, 2099, 0)), "-o", "run")
        store = self.dir / "run" / "results.h5"
        newer = store.read_bytes()
        os.link(away, temporary)
        writer.send_signal(signal.SIGCONT)
        self.assertEqual(writer.wait(timeout=60), 0)
        self.assertEqual(store.read_bytes(), newer)
        self.assertFalse(temporary.exists())
        self.attest("verify", "run", program=PROBE)


class Status(FaultCase):
    """`attest status` needs the folder and nothing else."""

    def seen_elsewhere(self):
        """What a host says that sees a copy of the small files only, and no process."""
        away = self.dir / "away"
        away.mkdir(exist_ok=True)
        for name in ("status.json", "study.yaml"):
            shutil.copy(self.dir / "run" / name, away / name)
        return self.attest("status", "away").stdout

    def test_a_run_is_followed_through_its_death(self):
        study = self.study(SLEEP % (1, 299, 0.05))
        self.launch(study, "-o", "run", "--lanes", "2")
        self.wait_for_rows("run", 20)
        alive = self.seen_elsewhere()
        self.assertRegex(alive, r"sleep, running\n  done \d+/300")
        self.assertRegex(alive, r"last heard of .* ago\n  rank 0")
        processes.end_all(self.mark)
        self.assertRegex(self.seen_elsewhere(), r"last heard of .* ago")
        path = self.dir / "run" / "status.json"
        path.write_text(re.sub(r'"heard_at": [0-9.]+', f'"heard_at": {time.time() - 90:.1f}',
                               path.read_text()))
        dead = self.seen_elsewhere()
        self.assertRegex(dead, r"last heard of 1\.5\d* min ago")
        self.assertIn("the coordinator may be gone: `attest run away` goes on", dead)
        self.run_probe(study, "-o", "run", "--lanes", "2")
        self.assertRegex(self.seen_elsewhere(), r"finished \(exit code 0\)\n  done 300/300")


def in_own_mounts():
    """Start this program again where mounts are its own."""
    if os.environ.get("FAULTS_MOUNTS") == "own":
        return
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ["FAULTS_MOUNTS"] = "own"
    os.execvp("unshare", ["unshare", *user, "--mount", "--propagation", "private",
                          sys.executable, "-B", *sys.argv])


if __name__ == "__main__":
    in_own_mounts()
    unittest.main()
