// The time limits of function calls.

/**
 * Fails when the work takes longer than the limit (wall time). The work itself continues: nothing
 * can end it within the same process.
 */
export async function withTimeout<T>(
  timeoutMs: number,
  timeoutError: () => Error,
  work: Promise<T>,
): Promise<T> {
  if (!Number.isFinite(timeoutMs)) return await work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timeoutError()), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
