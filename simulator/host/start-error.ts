// The host's error for wrong settings and wrong apps.

/**
 * A start error that the developer can correct. The host prints it in one line, without a stack.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
