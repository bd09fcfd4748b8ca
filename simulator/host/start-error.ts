/** Something that the person who starts the host can put right: told in one line, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
