// What must not go unnoticed: the app with one of the things taken out that keep it from doing
// twice, or losing, what was under way when it died.
import type { Mutation } from '../../support/mutant.ts';

interface InProcessMutant extends Mutation {
  /** Where it must die to be found out, unless another place is named. */
  readonly killedAt: string;
}

export const MUTANTS: Readonly<Record<string, InProcessMutant>> = {
  /** What was accepted unread is found again by its request id. */
  proof: {
    file: 'shared/attempts/rules/attemptRules.ts',
    find: 'startsWith(clientRequestId.toLowerCase())',
    replace: "startsWith('no request id')",
    killedAt: 'POST replicationFabrics.*/unplannedFailover',
  },
  /** What was told is marked afterwards, not before. */
  told: {
    file: 'shared/delivery/deliverEvents.ts',
    find: 'const result = await target.deliver(',
    replace:
      'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
      'const result = await target.deliver(',
    killedAt: 'relay: call-back',
  },
};
