// What is said when a VM is another job's.

export const messageOfHeld = (held: readonly { readonly name: string; readonly jobId: string }[], then = ''): string =>
  `One operation at a time: ${held.map(({ name, jobId }) => `${name} is held by job ${jobId}`).join('; ')}. Nothing was started.${then === '' ? '' : ` ${then}`}`;
