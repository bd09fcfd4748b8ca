// The replication policy: how long recovery points are kept, how often they are consistent for applications.
import { sameId } from '../../../siterecovery/item.ts';
import type { PolicyFacts } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { sorted } from '../lookup.ts';
import { enablingDriverFor } from '../../../scenarios/drivers.ts';
import { freeName } from './names.ts';
import { choose, listed, refuse, type Notes, type Planned } from '../notes.ts';
import { part, policyPartId, vaultPart } from './prerequisites.ts';

interface Values {
  readonly retentionMinutes: number;
  readonly appConsistentMinutes: number;
}

/** A policy serves one scenario alone. */
const isForGoal = ({ provider }: PolicyFacts, ground: Ground): boolean =>
  enablingDriverFor(ground.wish.goal).instanceTypes.some((type) => sameId(type, provider));
const hasValues = (policy: PolicyFacts, wanted: Values): boolean =>
  policy.retentionMinutes === wanted.retentionMinutes &&
  policy.appConsistentMinutes === wanted.appConsistentMinutes;

const hours = (minutes: number): string => `${minutes / 60} h`;
const inWords = ({ retentionMinutes, appConsistentMinutes }: Values): string =>
  `recovery points kept for ${hours(retentionMinutes)}, app-consistent ones ` +
  (appConsistentMinutes === 0 ? 'off' : `every ${appConsistentMinutes} minutes`);

export function policyPart(ground: Ground, notes: Notes): Planned {
  const { policy: wished } = ground.wish;
  const wanted: Values = {
    retentionMinutes: wished.retentionHours * 60,
    appConsistentMinutes: wished.appConsistentHours === 'off' ? 0 : wished.appConsistentHours * 60,
  };
  const fits = (one: PolicyFacts): boolean => isForGoal(one, ground) && hasValues(one, wanted);
  const policies = sorted(ground.vault.facts?.policies ?? [], ({ name }) => name);
  const named =
    wished.name === undefined ? undefined : policies.find(({ name }) => sameId(name, wished.name ?? ''));
  const there = wished.name === undefined ? policies.find(fits) : named;
  const snapshots = wanted.appConsistentMinutes === 0 ? 'off' : `${wanted.appConsistentMinutes / 60}h`;
  const name =
    wished.name ??
    freeName(
      `retention-${wished.retentionHours}h-snapshots-${snapshots}`,
      (one) => policies.some((other) => sameId(other.name, one)),
      'policy',
    );
  if (there && !fits(there)) {
    const has = isForGoal(there, ground) ? inWords(there) : `the provider ${there.provider}`;
    const fitting = policies.filter(fits).map((one) => one.name);
    refuse(
      notes,
      'PolicyDiffers',
      `The vault has a policy "${there.name}" with ${has}; asked for were ${inWords(wanted)}. ` +
        'Give another name, or ask for its values. Policies with these values: ' +
        `${listed(fitting)}.`,
    );
  }
  const why = !there
    ? 'The vault has no policy ' +
      `${wished.name === undefined ? 'with these values' : 'by this name'}, so it is made.`
    : wished.name === undefined
      ? 'The vault has a policy with these values.'
      : 'The vault has it by this name, with these values.';
  choose(notes, 'policy', there?.name ?? name, `${why} It means: ${inWords(wanted)}.`);
  const spec = { kind: 'policy', ...wanted } as const;
  return there
    ? part('reuse', there.id, there.name, why, [vaultPart(ground)], spec)
    : part('create', policyPartId(ground, name), name, why, [vaultPart(ground)], spec);
}
