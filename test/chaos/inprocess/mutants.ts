// Mutants that the in-process runs must detect. Each mutant removes one protection. These
// protections prevent the app from repeating or losing work that was in progress when it died.
import type { Mutation } from '../../support/mutant.ts';

interface InProcessMutant extends Mutation {
  /** The boundary that reveals the mutant, unless the command names another. */
  readonly killedAt: string;
}

export const MUTANTS: Readonly<Record<string, InProcessMutant>> = {
  /** Finds an accepted write without an answer again, by its request id. */
  proof: {
    file: 'shared/attempts/rules/attemptRules.ts',
    find: 'startsWith(clientRequestId.toLowerCase())',
    replace: "startsWith('no request id')",
    killedAt: 'POST replicationFabrics.*/unplannedFailover',
  },
  /** Marks an event as delivered after the delivery, not before. */
  told: {
    file: 'shared/delivery/deliverEvents.ts',
    find: 'const result = await target.deliver(',
    replace:
      'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
      'const result = await target.deliver(',
    killedAt: 'relay: call-back',
  },
};
