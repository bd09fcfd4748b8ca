// What must not go unnoticed: the app with one of the things taken out that keep it from doing
// twice, or losing, what was under way when it died.
import type { Mutation } from '../../support/mutant.ts';

interface Mutant extends Mutation {
  /** Where it must die to be found out, unless another place is named. */
  readonly at: string;
}

export const MUTANTS: Readonly<Record<string, Mutant>> = {
  /** What was accepted unread is found again by its request id. */
  proof: {
    file: 'shared/attempts/rules/attempt.ts',
    find: 'startsWith(clientRequestId.toLowerCase())',
    replace: "startsWith('no request id')",
    at: 'POST replicationFabrics.*/unplannedFailover',
  },
  /** What was told is marked afterwards, not before. */
  told: {
    file: 'shared/delivery/deliver.ts',
    find: 'const outcome = await target.deliver(',
    replace:
      'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
      'const outcome = await target.deliver(',
    at: 'relay: call-back',
  },
};
