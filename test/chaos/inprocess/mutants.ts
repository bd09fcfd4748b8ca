// What must not go unnoticed: the app with one of the things taken out that keep it from doing twice, or losing, what was under way when it died.
import type { Mutation } from '../../support/mutant.ts';

export const MUTANTS: Readonly<Record<string, Mutation>> = {
  /** The intention to send is written down before anything is sent. */
  intention: { file: 'shared/siterecovery/attempts.ts', find: 'const claimed = await saveStep(step, { attempt, log: `Attempt ${attempt.number}: ${step.phase} is sent with request id ${clientRequestId}.` }, now);', replace: 'const claimed = await Promise.resolve(now && step);' },
  /** What was told is marked afterwards, not before. */
  told: {
    file: 'shared/messaging/deliver.ts', find: 'const outcome = await target.deliver(',
    replace: 'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; const outcome = await target.deliver(',
  },
};
