// Node loads this file into each child process before the child's own code. The child ends when its
// parent ends for any reason, so no process stays behind.

/** The longest time for an orderly end. */
const STOP_TIMEOUT_MS = 5_000;

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
