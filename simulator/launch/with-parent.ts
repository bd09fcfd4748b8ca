// Loaded into each child before its own code: it ends when its parent does, however that ends, so
// that none is left behind.

/** How long it may take to end in order. */
const STOP_TIMEOUT_MS = 5_000;

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
